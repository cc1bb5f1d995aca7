"""The optimization remarks that tell what to rewrite, in a few lines."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from coopbench.agents.focus import Focus
from coopbench.agents.protocol.splice_c import c_functions
from coopbench.harness.base import Level
from coopbench.harness.model import Candidate
from coopbench.harness.toolchain.remarks import Remark

MOST = 12
MOST_OF_A_PASS = 4
_WIDEST = 180
_RANKS = {
    "loop-vectorize": 0,
    "gvn": 1,
    "licm": 1,
    "slp-vectorizer": 2,
    "regalloc": 3,
    "loop-unroll": 4,
    "loop-idiom": 4,
    "loop-distribute": 4,
    "tailcallelim": 5,
    "inline": 5,
}
"""Passes whose remarks tell what to rewrite, most telling first."""
_TELLING_IF_DONE = frozenset({"loop-vectorize", "slp-vectorizer", "loop-unroll"})
_NOISE = re.compile(
    r"definition is unavailable|never be inlined|noinline function attribute"
    r"|trying reduction first|virtual registers? cop|^loop not vectorized$"
    r"|vectorization was impossible with available vectorization factors"
)


def remark_lines(remarks: Iterable[Remark], candidate: Candidate, focus: Focus) -> list[str]:
    """Return at most a dozen remarks, one line each, those on the function first, none twice.

    Args:
        remarks: Of the candidate's compilation.
        candidate: What was compiled.
        focus: The function of interest; in C its lines count wherever they were inlined.
    """
    source = _source(candidate, focus)
    own = _own_lines(source, focus)
    telling = sorted(
        filter(_is_telling, remarks),
        key=lambda r: (
            not (r.line in own if own and r.line else r.function == focus.function),
            _RANKS[r.pass_name],
            r.kind == "passed",
        ),
    )
    lines = source.splitlines()
    told: Counter[str] = Counter()
    found: dict[tuple[str, str], str] = {}
    for remark in telling:
        same = (remark.pass_name, remark.message)
        if same not in found and told[remark.pass_name] < MOST_OF_A_PASS:
            told[remark.pass_name] += 1
            found[same] = _in_words(remark, lines)
    return list(found.values())[:MOST]


def _is_telling(remark: Remark) -> bool:
    if remark.pass_name not in _RANKS or _NOISE.search(remark.message.strip()):
        return False
    return remark.kind != "passed" or remark.pass_name in _TELLING_IF_DONE


def _source(candidate: Candidate, focus: Focus) -> str:
    return candidate.files[focus.file] if candidate.level is Level.C else ""


def _own_lines(source: str, focus: Focus) -> range:
    """Return the numbers of a C function's lines; empty if there are none to know."""
    for function in c_functions(source) if source else ():
        if function.name == focus.function:
            data = source.encode()
            first = data.count(b"\n", 0, function.start) + 1
            return range(first, data.count(b"\n", 0, function.end) + 2)
    return range(0)


def _in_words(remark: Remark, lines: Sequence[str]) -> str:
    """Return a remark in one line, with the source line it is about."""
    where = ""
    if remark.line is not None and 0 < remark.line <= len(lines):
        where = f" [{' '.join(lines[remark.line - 1].split())[:60]}]"
    message = " ".join(remark.message.split())
    return f"{remark.pass_name} {remark.kind}{where}: {message}"[:_WIDEST]
