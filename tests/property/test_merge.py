"""Three-way merge: what only one side changed is kept, a clash is said to be one."""

from hypothesis import given
from hypothesis import strategies as st

from coopbench.harness.merge import merge

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n", "}\n"]), max_size=12).map("".join)


@given(LINES, LINES)
def test_one_sided_changes(base: str, changed: str) -> None:
    """If one side left the base alone, the other side's text is the result."""
    assert merge(base, base, changed) == changed
    assert merge(base, changed, base) == changed


@given(LINES, LINES)
def test_equal_changes(base: str, changed: str) -> None:
    """If both sides made the same change, it is made once."""
    assert merge(base, changed, changed) == changed


@given(LINES, LINES, LINES, LINES)
def test_changes_apart(head: str, tail: str, new_head: str, new_tail: str) -> None:
    """Changes on either side of text that occurs once do not disturb each other."""
    middle = "one\ntwo\nthree\n"
    merged = merge(head + middle + tail, new_head + middle + tail, head + middle + new_tail)
    assert merged == new_head + middle + new_tail


def test_clash() -> None:
    """Different changes of one line cannot be merged."""
    assert merge("x\n", "y\n", "z\n") is None


@given(st.text(), st.text(), st.text())
def test_any_text(base: str, ours: str, theirs: str) -> None:
    """Any three texts give a text or a clash, never an error."""
    assert merge(base, ours, theirs) is None or isinstance(merge(base, ours, theirs), str)
