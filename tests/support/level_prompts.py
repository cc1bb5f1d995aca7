"""First requests of level agents on made-up trials, as a model gets them."""

from dataclasses import dataclass

from tests.support.fake_bench import FakeBench
from tests.support.search_scripts import DOWN, desk_of

from coopbench.agents.desk import Work
from coopbench.agents.level import LevelAgent
from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Recipe
from coopbench.harness.optimizer import BenchmarkView
from coopbench.suites.catalog import curated


@dataclass(frozen=True)
class Asked:
    """A request, with its volatile parts marked."""

    system: str
    message: str


class _OtherBench(FakeBench):
    """The made-up workbench with another program on it."""

    view: BenchmarkView

    @property
    def benchmark(self) -> BenchmarkView:
        """The other program."""
        return self.view


def suite_views() -> tuple[BenchmarkView, ...]:
    """Return the public side of every benchmark that comes with the project."""
    return tuple(
        BenchmarkView(
            name=b.name,
            kind=b.manifest.kind,
            title=b.manifest.title,
            contract=b.manifest.contract,
            program=b.manifest.program,
            files=dict(b.files),
            baseline=Recipe(),
        )
        for b in curated().benchmarks
    )


def first_request(
    bench: FakeBench,
    level: Level,
    *,
    view: BenchmarkView | None = None,
    before: str = "",
    hint: str = "",
) -> Asked:
    """Return what a level's agent says first about the original.

    Args:
        bench: The made-up trial.
        level: Of the agent.
        view: Another program than the made-up one; only at level C.
        before: Text that is put before the source.
        hint: Of the guide.
    """
    if view is not None:
        other = _OtherBench(target=bench.target)
        other.view = view
        bench = other
    desk, model = desk_of(bench, lambda _: DOWN)
    root = desk.open()
    made = root.candidate
    if level is not Level.C:
        lowered = bench.lower(made, level)
        assert isinstance(lowered, Candidate)
        made = lowered
    files = {name: before + text for name, text in made.files.items()}
    made = made.model_copy(update={"files": files})
    node = desk.judge(Work(made, root, "rewrite", "test")) if made != root.candidate else root
    LevelAgent(level, desk).work(node, hint, 1)
    request = model.requests[-1]
    return Asked(request.system, request.messages[0].text)
