"""What any text of a model's must be before it is read as code."""

import re

from coopbench.agents.backends.volatile import clean
from coopbench.agents.protocol.malformed import Malformation, Malformed

LONGEST_ANSWER = 1_000_000
"""Characters of an answer that are read at most."""
LONGEST_CODE = 300_000
"""Characters of a function, helpers included."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Characters that make people see another program than the compiler (CVE-2021-42574).
_DECEPTIVE = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def tidy(text: str) -> str:
    """Return a text with plain line ends, no byte order mark, no marks and no half characters."""
    if not text.isascii():
        # Pairs of surrogates become the characters they mean, lone ones the replacement character.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        text = clean(text.removeprefix("\ufeff"))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def readable(code: str) -> str | Malformation:
    """Return code with plain line ends, or why it must not be read at all."""
    code = tidy(code)
    if len(code) > LONGEST_CODE:
        return Malformation(
            Malformed.TRUNCATED,
            f"The code has {len(code)} characters; more than {LONGEST_CODE} are not read.",
        )
    found = _CONTROL.search(code) or _DECEPTIVE.search(code)
    if found is not None:
        return Malformation(
            Malformed.WRONG_LANGUAGE,
            f"The code contains the invisible character U+{ord(found[0]):04X}; "
            "use printable characters, spaces, tabs and line ends only.",
        )
    return code


def shortened(text: str, most: int = 60) -> str:
    """Return a text as one short line for a message."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
