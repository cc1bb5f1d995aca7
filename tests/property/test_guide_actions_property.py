"""Whatever a model answers, the guide reads an action or a named malformation."""

from hypothesis import example, given
from hypothesis import strategies as st

from coopbench.agents.actions import (
    ACTIONS,
    Action,
    level_of,
    parse_action,
    refusal,
    unknown_parent,
)
from coopbench.agents.backends.model import Answer, Provenance, StopReason
from coopbench.agents.guide import read_action
from coopbench.agents.protocol.malformed import Malformation
from coopbench.agents.tree import Node, Tree
from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Verdict

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = sorted({field for action in ACTIONS.values() for field in action.model_fields})
PLAUSIBLE = st.sampled_from(
    [
        *ACTIONS,
        "n0",
        "n1",
        "c",
        "ir",
        "asm",
        "default<O3>",
        ["-align-loops=32"],
        1,
        2,
        "remarks",
        "",
    ]
)
LIKE_ACTIONS = st.dictionaries(st.sampled_from(FIELDS), PLAUSIBLE | JSON, max_size=6).flatmap(
    lambda d: st.sampled_from(sorted(ACTIONS)).map(lambda name: {**d, "action": name})
)
TREE = Tree()
TREE.add(
    Node(
        "n0",
        Candidate(benchmark="b", level=Level.C, files={"kernel.c": "int f;"}, made_by="t"),
        None,
        "original",
        "harness",
        verdict=Verdict(outcome=None, reason="", evidence=()),
    )
)


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=6) | LIKE_ACTIONS)
def test_any_json_is_an_action_or_a_reason(data: dict[str, object]) -> None:
    """Parsing never raises; an action that parses can be judged, and round-trips."""
    found = parse_action(data)  # type: ignore[arg-type]
    if isinstance(found, str):
        assert found
        assert "\n" not in found[:100]
        return
    assert isinstance(found, Action)
    assert parse_action(found.model_dump(mode="json", exclude_none=True)) == found
    level_of(found)
    if unknown_parent(found, TREE) is None:
        refusal(found, TREE, frozenset({Level.C}))


@given(st.text(), st.sampled_from(["end", "length", "refusal", "context"]))
@example('```json\n{"action": "finish"}\n```', "end")
@example('{"action": "rewrite", "level": "c", "parent": "\\ud800"}', "end")
@example('```json\n{"action": "rewrite", "level": "c", "attempts": 1e400}\n```', "end")
def test_any_text_is_an_action_or_a_malformation(text: str, stop: StopReason) -> None:
    """Reading never raises, whatever the text and however it stopped."""
    answer = Answer(
        text=text,
        stop=stop,
        usage=None,
        model="",
        provenance=Provenance(kind="script", detail="test"),
    )
    assert isinstance(read_action(answer), Action | Malformation)
