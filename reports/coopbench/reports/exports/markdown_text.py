"""Other people's text and tables in Markdown."""

import re
from collections.abc import Sequence

from coopbench.reports import wording

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~&!@$])")


def escape(text: str) -> str:
    """Return other people's text so that Markdown shows it and does nothing else with it."""
    shown = _SPECIAL.sub(r"\\\1", wording.printable(text))
    # GitHub links bare addresses; a zero-width entity keeps them text.
    return shown.replace("://", ":&#8203;//").replace("www.", "www&#8203;.")


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1, right: int = 0
) -> list[str]:
    """Write a table whose first `left` and last `right` columns are text, the others numbers."""
    numbers = range(left, len(head) - right)
    rule = ["---:" if i in numbers else "---" for i in range(len(head))]
    return [f"| {' | '.join(r)} |" for r in (head, rule, *rows)]
