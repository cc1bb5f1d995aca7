"""A recorded level agent takes the same path on a machine that measures and counts otherwise."""

from pathlib import Path

from tests.support.fake_bench import SCAN_C, FakeBench, Fate
from tests.support.search_scripts import code

from coopbench.agents.ask import Models
from coopbench.agents.backends.model import Backend, Request
from coopbench.agents.backends.prices import load_prices
from coopbench.agents.backends.scripted import ScriptedBackend
from coopbench.agents.backends.tape import Tape, TapeBackend
from coopbench.agents.desk import Desk
from coopbench.agents.level import LevelAgent
from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Outcome
from coopbench.harness.settings import TapeSettings

WRONG = code(SCAN_C.replace("sum += in[i];", "sum -= in[i];"))
SLOW = code(SCAN_C.replace("sum += in[i];", "sum = sum + in[i];"))
FAST = code(SCAN_C.replace("sum += in[i];", "sum = in[i] + sum;"))


def recorded_fates(candidate: Candidate) -> Fate:
    """Let one be wrong, one the same, one twice as fast."""
    text = candidate.files["kernel.c"]
    if "sum -= in[i]" in text:
        return Fate(Outcome.WRONG_OUTPUT)
    return Fate(cost=0.5 if "in[i] + sum" in text else 1.0)


def noisy_fates(candidate: Candidate) -> Fate:
    """Measure everything a third cheaper or dearer than it was."""
    fate = recorded_fates(candidate)
    return Fate(fate.outcome, fate.cost * (0.7 if "sum + in[i]" in str(candidate.files) else 1.3))


def path_taken(bench: FakeBench, backend: Backend) -> list[tuple[str, str, str | None]]:
    """Let the agent work, and return the tree in short."""
    desk = Desk(bench, Models({"": backend}, bench, bench.settings, load_prices(None), bench.trial))
    root = desk.open()
    LevelAgent(Level.C, desk).work(root, "", 4)
    return [(n.candidate.id, n.state, n.parent) for n in desk.tree]


def test_a_replay_takes_the_same_path(tmp_path: Path) -> None:
    """Other costs, no counter, no remarks: the same questions, the same candidates."""
    asked: list[Request] = []
    answers = iter(("prose", WRONG, SLOW, FAST))

    def answer(request: Request) -> str:
        asked.append(request)
        return next(answers)

    path = str(tmp_path / "tape.jsonl")
    record = Tape(TapeSettings(path=path, mode="record"))
    live = TapeBackend("tape", record, ScriptedBackend("scripted", answer))
    first = path_taken(FakeBench(fates=recorded_fates), live)
    record.close()
    assert len(asked) == 4
    assert [state for _, state, _ in first] == ["ok", "wrong_output", "ok", "ok"]

    bench = FakeBench(fates=noisy_fates, seed=9)
    bench.hot_blocks = lambda candidate: None  # type: ignore[method-assign]
    bench.instructions = lambda candidate: None  # type: ignore[method-assign]
    bench.remarks = lambda candidate: ()  # type: ignore[method-assign]
    replay = Tape(TapeSettings(path=path, mode="replay"))
    assert path_taken(bench, TapeBackend("tape", replay, None)) == first
    assert replay.unused() == ()
