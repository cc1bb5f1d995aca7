"""The entrants that use models: who they are, what they need, what they hand in."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.fake_bench import SCAN_C, X86, FakeBench, Fate
from tests.support.search_scripts import act, code

from coopbench.agents import cooperative
from coopbench.agents.cooperative import Cooperative
from coopbench.baselines import best_of_n, single_level
from coopbench.baselines.best_of_n import BestOfN
from coopbench.harness.errors import InfraError
from coopbench.harness.ledger import Caps
from coopbench.harness.model import Candidate, Outcome
from coopbench.harness.optimizer import Answer, Failed, Surroundings
from coopbench.harness.settings import Settings

FUNCTION = SCAN_C[SCAN_C.index("uint32_t scan") :]
ALL: tuple[Cooperative | BestOfN, ...] = (
    *cooperative.entrants(),
    *single_level.entrants(),
    *best_of_n.entrants(),
)


def version(number: int) -> str:
    """Return an answer with a version of the function; each number is another text."""
    return code(FUNCTION.replace("sum = 0;", f"sum = {number} - {number};"))


def by_number(candidate: Candidate) -> Fate:
    """Version n costs 1/n of the original; version 7 is wrong."""
    text = candidate.files.get("kernel.c", "")
    for number in range(1, 20):
        if f"sum = {number} - {number};" in text:
            return Fate(Outcome.WRONG_OUTPUT if number == 7 else None, 1 / number)
    return Fate()


def scripted(path: Path, *answers: tuple[str, str]) -> Settings:
    """Return settings that name a script of (role, text) answers, used up in their order."""
    file = path / "script.json"
    lines = [{"role": role, "text": text} for role, text in answers]
    file.write_text(json.dumps({"answers": lines}))
    return Settings(backend=f"scripted:{file}")


def bench(settings: Settings, entrant: str, caps: Caps | None = None) -> FakeBench:
    """Return a made-up workbench of an entrant's trial."""
    return FakeBench(by_number, settings=settings, entrant=entrant, caps=caps or Caps())


def test_the_entrants_are_those_that_are_to_be_compared() -> None:
    """The system under four policies, on each level alone, and plain sampling; all by models."""
    assert [e.name for e in ALL] == [
        "cooperative",
        "cooperative-uniform",
        "cooperative-weighted",
        "cooperative-thompson",
        "llm-c",
        "llm-ir",
        "llm-asm",
        "best-of-n",
    ]
    assert {e.kind for e in ALL} == {"llm"}
    assert all(e.description and e.version for e in ALL)


def test_single_level_entrants_differ_in_the_policy_only() -> None:
    """The baseline is the same system: the same class, the same guide, the same limits."""
    reference = cooperative.entrants()[0]
    for entrant in (*cooperative.entrants(), *single_level.entrants()):
        same = replace(entrant, name=reference.name, policy=reference.policy)
        assert replace(same, description=reference.description) == reference


def test_each_needs_models_for_its_own_roles() -> None:
    """Nobody is asked for a model that would never be called."""
    roles = {e.name: e.roles for e in ALL if isinstance(e, Cooperative)}
    assert roles["cooperative"] == ("guide", "c", "ir", "asm", "tests")
    assert roles["llm-ir"] == ("guide", "ir", "tests")
    assert Cooperative("x", "guided", "", guide="rule").roles == ("c", "ir", "asm", "tests")
    assert best_of_n.ROLES == ("c",)


@pytest.mark.parametrize("entrant", ALL, ids=lambda e: e.name)
def test_without_a_model_it_says_how_to_name_one(
    entrant: Cooperative | BestOfN, tmp_path: Path
) -> None:
    """No backend, no pinned compiler: one line each with the remedy; with both it takes part."""
    here = FakeBench().surroundings
    assert "--backend" in (entrant.available(replace(here, settings=Settings())) or "")
    bare = Surroundings(X86, (), Settings())
    assert "pip install" in (entrant.available(bare) or "")
    assert entrant.available(replace(here, settings=scripted(tmp_path))) is None


def test_a_bad_price_file_is_told_before_anything_is_spent(tmp_path: Path) -> None:
    """A price list that cannot be read keeps an entrant from taking part, and is named."""
    here = FakeBench().surroundings
    settings = scripted(tmp_path).model_copy(update={"prices": str(tmp_path / "none.toml")})
    assert "price file" in (ALL[0].available(replace(here, settings=settings)) or "")
    (tmp_path / "none.toml").write_text("[[price]]\nmodels = 3\n")
    assert "row 1" in (ALL[0].available(replace(here, settings=settings)) or "")


def test_the_cooperative_system_hands_in_its_winner(tmp_path: Path) -> None:
    """From settings to answer: backends are opened, the guide is asked, the C agent's work wins."""
    settings = scripted(
        tmp_path,
        ("guide", act("rewrite", level="c", parent="n0", attempts=1)),
        ("c", version(4)),
        ("guide", act("finish", reason="good")),
    )
    trial = bench(settings, "cooperative")
    answer = cooperative.entrants()[0].optimize(trial)
    assert isinstance(answer, Answer)
    assert "4 - 4" in answer.candidate.files["kernel.c"]
    assert answer.candidate.made_by == "cooperative:c"
    assert trial.ledger().model_calls == 3


def test_a_single_level_entrant_stays_on_its_level(tmp_path: Path) -> None:
    """`llm-asm` may not rewrite C, and is told so."""
    settings = scripted(
        tmp_path,
        ("guide", act("rewrite", level="c", parent="n0")),
        ("guide", act("finish")),
    )
    trial = bench(settings, "llm-asm")
    answer = single_level.entrants()[2].optimize(trial)
    assert isinstance(answer, Answer)
    assert answer.candidate.files == trial.benchmark.files
    assert "open now: asm" in trial.events("refused")[0].text


def test_a_failed_search_is_no_candidate(tmp_path: Path) -> None:
    """A model that only talks ends as failed tool calls; one that is not there as our trouble."""
    talk = scripted(tmp_path, *([("guide", "hello"), ("c", "hello")] * 40))
    found = cooperative.entrants()[0].optimize(bench(talk, "cooperative", Caps(model_calls=9)))
    assert isinstance(found, Failed)
    assert found.outcome is Outcome.TOOL_CALL_FAILED
    with pytest.raises(InfraError, match="no model ever answered"):
        cooperative.entrants()[0].optimize(bench(scripted(tmp_path), "cooperative"))


def test_best_of_n_samples_independently(tmp_path: Path) -> None:
    """All requests are the same, whatever became of the earlier samples; the best right one wins."""
    settings = scripted(tmp_path, *(("c", version(n)) for n in (3, 7, 5, 2, 7, 4, 3, 6)))
    trial = bench(settings, "best-of-n")
    answer = BestOfN(n=8).optimize(trial)
    assert isinstance(answer, Answer)
    assert "6 - 6" in answer.candidate.files["kernel.c"]
    asked = [e.data for e in trial.events("request")]
    assert len(asked) == 8
    assert all(data == asked[0] for data in asked)
    assert all(e.agent == "c" for e in trial.events("request"))
    assert [s.step for s in answer.chain] == ["original", "rewrite"]


@pytest.mark.parametrize(("calls", "best"), [(3, "5 - 5"), (11, "13 - 13")])
def test_best_of_n_ends_with_its_budget(tmp_path: Path, calls: int, best: str) -> None:
    """The budget is the same as everybody's, and all of it is used: n is what it allows."""
    numbers = (3, 2, 5, 9, 8, 10, 1, 4, 6, 12, 13, 14, 15)
    settings = scripted(tmp_path, *(("c", version(n)) for n in numbers))
    trial = bench(settings, "best-of-n", Caps(model_calls=calls))
    answer = best_of_n.entrants()[0].optimize(trial)
    assert isinstance(answer, Answer)
    assert best in answer.candidate.files["kernel.c"]
    assert trial.ledger().model_calls == calls


def test_best_of_n_takes_as_many_samples_as_it_says(tmp_path: Path) -> None:
    """A smaller n asks less often, and the description names it."""
    settings = scripted(tmp_path, *(("c", version(n)) for n in (3, 2, 5, 9)))
    trial = bench(settings, "best-of-n")
    answer = BestOfN(n=2).optimize(trial)
    assert isinstance(answer, Answer)
    assert "3 - 3" in answer.candidate.files["kernel.c"]
    assert "best of 2 independent C versions" in BestOfN(n=2).description


def test_naming_the_entrants_loads_no_heavy_module() -> None:
    """`coopbench list` stays quick: templates, parsers and SDKs are loaded by a trial only."""
    program = (
        "import sys\n"
        "from coopbench.agents import cooperative\n"
        "from coopbench.baselines import best_of_n, single_level\n"
        "for m in (cooperative, best_of_n, single_level): m.entrants()\n"
        "print([m for m in ('jinja2', 'tree_sitter', 'anthropic', 'optuna') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
