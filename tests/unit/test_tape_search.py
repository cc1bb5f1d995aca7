"""A whole search on a tape: it takes the recorded path, whatever this machine measures."""

from pathlib import Path

import pytest
from tests.support.fake_bench import SCAN_C, FakeBench, Fate, Fates
from tests.support.search_scripts import act, by_role, code

from coopbench.agents.ask import Models
from coopbench.agents.backends.model import Backend
from coopbench.agents.backends.prices import load_prices
from coopbench.agents.backends.scripted import ScriptedBackend
from coopbench.agents.backends.tape import Tape, TapeBackend
from coopbench.agents.backends.tape_miss import TapeMissError
from coopbench.agents.desk import Desk
from coopbench.agents.guide import ModelGuide
from coopbench.agents.policies import policy
from coopbench.agents.search import Search
from coopbench.agents.tree import Node
from coopbench.harness.ledger import Caps
from coopbench.harness.model import Candidate, Outcome
from coopbench.harness.settings import TapeSettings

FUNCTION = SCAN_C[SCAN_C.index("uint32_t scan") :]
FASTER = FUNCTION.replace("uint32_t sum = 0;", "uint32_t sum = 0u;")
WRONG = FUNCTION.replace("uint32_t sum = 0;", "uint32_t sum = 0x0;")
SCRIPT = {
    "guide": [
        act("rewrite", level="c", parent="n0", attempts=1),
        "I would rather not say.",
        act("rewrite", level="c", parent="n0", attempts=1),
        act("finish", reason="done"),
    ],
    "c": [code(WRONG), code(FASTER)],
}


def costing(faster: float, original: float) -> Fates:
    """Return fates with these costs of the original and of the faster version."""

    def fates(candidate: Candidate) -> Fate:
        text = "".join(candidate.files.values())
        if "0x0" in text:
            return Fate(Outcome.WRONG_OUTPUT)
        return Fate(cost=faster if "0u" in text else original)

    return fates


def search(backend: Backend, bench: FakeBench) -> Node:
    """Run a guided search."""
    models = Models({"": backend}, bench, bench.settings, load_prices(None), bench.trial)
    desk = Desk(bench, models)
    found = Search(desk, policy("guided"), ModelGuide(desk), 20).run()
    assert isinstance(found, Node), found
    return found


def path_of(bench: FakeBench) -> list[tuple[str, str, str, str | None]]:
    """Return what a search asked, was answered and made."""
    kinds = {"request", "answer", "candidate", "action", "stop", "malformed"}
    return [(e.kind, e.agent, e.text, e.candidate) for e in bench.events(*kinds)]


def tape(path: Path, mode: str) -> Tape:
    return Tape(TapeSettings.model_validate({"path": str(path), "mode": mode}))


def test_a_replayed_search_takes_the_same_path(tmp_path: Path) -> None:
    """With other costs measured, the search asks and hands in the same, and spends as many calls."""
    path = tmp_path / "t"
    recorded = FakeBench(costing(0.5, 1.0), caps=Caps(model_calls=30))
    scripted = ScriptedBackend("scripted", by_role(SCRIPT))
    first = search(TapeBackend("x", tape(path, "record"), scripted), recorded)
    assert first.gain == 2.0

    replayed = FakeBench(costing(7.7, 1.3), caps=Caps(model_calls=30))
    played = tape(path, "replay")
    again = search(TapeBackend("tape", played, None), replayed)
    assert (again.id, again.candidate.id, again.gain) == (first.id, first.candidate.id, 2.0)
    assert path_of(replayed) == path_of(recorded)
    assert played.unused() == ()
    before, after = recorded.budget.snapshot().spent, replayed.budget.snapshot().spent
    assert (after.model_calls, after.tokens) == (before.model_calls, before.tokens)
    assert (before.replayed_calls, after.replayed_calls) == (0, after.model_calls)
    assert all("replayed from a tape" in source for source in replayed.recorder.sources)


def test_another_program_is_a_miss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the program has changed, the first question is a miss that shows the change."""
    path = tmp_path / "t"
    bench = FakeBench(costing(0.5, 1.0))
    scripted = ScriptedBackend("scripted", by_role(SCRIPT))
    search(TapeBackend("x", tape(path, "record"), scripted), bench)
    monkeypatch.setattr(
        "tests.support.fake_bench.SCAN_C", SCAN_C.replace("sum += in[i];", "sum += 1 * in[i];")
    )
    with pytest.raises(TapeMissError, match=r"role '\w+', step ") as caught:
        search(TapeBackend("tape", tape(path, "replay"), None), FakeBench(costing(0.5, 1.0)))
    assert "1 * in[i]" in str(caught.value)
