"""What an answer may change about a recipe instead of code: passes, options, attributes.

Closed lists, stricter than what the harness lets any entrant do: every word here is known to
work with the pinned LLVM 22 and to keep a program's meaning.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from coopbench.agents.protocol.ir_attributes import add_attributes
from coopbench.agents.protocol.recipe_words import FLAG, value_objection, words
from coopbench.agents.protocol.text import shortened

__all__ = [
    "CODEGEN_OPTIONS",
    "PASSES",
    "PASS_OPTIONS",
    "add_attributes",
    "codegen_option_objection",
    "pass_option_objection",
    "pipeline_objection",
]

PASSES = (
    *("sroa", "early-cse", "instcombine", "simplifycfg", "gvn", "newgvn", "jump-threading", "dse"),
    *("correlated-propagation", "constraint-elimination", "reassociate", "memcpyopt", "sink"),
    *("loop-vectorize", "slp-vectorizer", "loop-unroll", "loop-distribute", "loop-fusion"),
    *("loop-load-elim", "loop-data-prefetch", "irce", "vector-combine", "div-rem-pairs", "chr"),
    *("loop-rotate", "indvars", "loop-idiom", "loop-flatten", "loop-interchange"),
    *("loop-unroll-and-jam", "loop-deletion", "inline", "globalopt", "ipsccp"),
    *("loop-mssa(licm)", "loop-mssa(simple-loop-unswitch<nontrivial>)"),
)
"""The passes that prompts name; more are allowed."""
PASS_OPTIONS = (
    *("-inline-threshold=0..5000", "-unroll-threshold=0..5000", "-unroll-count=1..64"),
    *("-unroll-runtime", "-unroll-allow-partial", "-unroll-runtime-multi-exit"),
    *("-enable-unroll-and-jam", "-enable-loopinterchange", "-enable-loop-flatten"),
    *("-enable-loop-distribute", "-enable-loopfusion", "-enable-loop-versioning-licm"),
    *("-force-vector-width=1|2|4|8|16|32|64", "-force-vector-interleave=1|2|4|8|16"),
    *("-runtime-memory-check-threshold=0..1000", "-enable-early-exit-vectorization"),
    *("-prefer-inloop-reductions", "-vectorizer-maximize-bandwidth", "-extra-vectorizer-passes"),
    *("-slp-threshold=-100..100", "-vectorize-loops=false", "-vectorize-slp=false"),
    *("-enable-gvn-hoist", "-enable-gvn-sink", "-phi-node-folding-threshold=0..32"),
    *("-two-entry-phi-node-folding-threshold=0..64", "-unswitch-threshold=1..1000"),
)
"""The options of `opt` that prompts name, with their values; more are allowed."""
CODEGEN_OPTIONS = (
    *("-O0|1|2|3", "-align-loops=1|2|4|8|16|32|64", "-enable-misched=false"),
    *("-misched-prera-direction=topdown|bottomup|bidirectional", "-enable-post-misched=false"),
    *("-disable-lsr", "-disable-cgp", "-disable-machine-licm", "-disable-block-placement"),
    *("-tail-dup-size=0..64", "-disable-early-ifcvt", "-early-ifcvt-limit=0..200"),
    *("-x86-cmov-converter=false", "-x86-early-ifcvt", "-aarch64-enable-mcr=false"),
    *("-max-loads-per-memcmp=0..64", "-regalloc=greedy|basic"),
)
"""The options of `llc` that prompts name, with their values; more are allowed."""

_MODULE, _CALL_GRAPH, _FUNCTION, _LOOP = range(4)
_LEVELS = ("module", "call graph", "function", "loop")
_ADAPTORS = {
    "module": ((_MODULE,), _MODULE),
    "cgscc": ((_MODULE,), _CALL_GRAPH),
    "function": ((_MODULE, _CALL_GRAPH), _FUNCTION),
    "loop": ((_FUNCTION,), _LOOP),
    "loop-mssa": ((_FUNCTION,), _LOOP),
}
"""For each the levels that it may stand at, and the level of what is in it."""
_MOST_PASSES = 80
_MOST_PIPELINES = 4
_DEEPEST = 5
_LONGEST = 2000
_TOKEN = re.compile(r"([\w-]+)(?:<([\w;=-]*)>)?")
_OPTION = re.compile(r"--?([A-Za-z][\w-]*)(?:=([\w-]+))?")
_LEVEL_OPTION = re.compile(r"-O([0-3])")


class _RefusedError(Exception):
    """Carries what is wrong with a pipeline out of its parser."""


@dataclass(frozen=True)
class _Element:
    name: str
    parameters: str | None
    inner: tuple["_Element", ...] | None
    """What is in its parentheses; None without parentheses."""


def pipeline_objection(passes: str) -> str | None:
    """Return what is wrong with an `opt -passes=` pipeline, one line; None if it may be run."""
    if len(passes) > _LONGEST:
        return f"the pipeline has more than {_LONGEST} characters"
    try:
        elements = _Parser(passes).pipeline()
        count = _counted(elements)
        if count > _MOST_PASSES:
            return f"the pipeline has {count} passes; more than {_MOST_PASSES} are not run"
        if len(re.findall(r"(?:default|lto|lto-pre-link)<", passes)) > _MOST_PIPELINES:
            return f"more than {_MOST_PIPELINES} whole pipelines such as default<O3> are not run"
        _check_level(elements, *_start(elements))
    except _RefusedError as refused:
        return str(refused)
    return None


def pass_option_objection(option: str) -> str | None:
    """Return what is wrong with an option for `opt`, one line; None if it may be given."""
    return _option_objection("opt", option, words().pass_options)


def codegen_option_objection(option: str) -> str | None:
    """Return what is wrong with an option for `llc`, one line; None if it may be given."""
    if _LEVEL_OPTION.fullmatch(option):
        return None
    known = {name: values for name, values in words().codegen_options.items() if name != "O"}
    return _option_objection("llc", option, known)


class _Parser:
    """Reads `a,b<x;y>,function(c,loop(d))`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def pipeline(self) -> tuple[_Element, ...]:
        elements = self._elements(0)
        if self._at < len(self._text):
            raise _RefusedError(f"unexpected {self._rest()!r} in the pipeline")
        return elements

    def _elements(self, depth: int) -> tuple[_Element, ...]:
        if depth > _DEEPEST:
            raise _RefusedError(f"the pipeline is nested more than {_DEEPEST} deep")
        found = [self._element(depth)]
        while self._taken(","):
            found.append(self._element(depth))
        return tuple(found)

    def _element(self, depth: int) -> _Element:
        match = _TOKEN.match(self._text, self._at)
        if match is None:
            raise _RefusedError(f"a pass is expected at {self._rest()!r}")
        self._at = match.end()
        inner = None
        if self._taken("("):
            inner = self._elements(depth + 1)
            if not self._taken(")"):
                raise _RefusedError(f"a parenthesis is not closed: {self._rest()!r}")
        return _Element(match[1], match[2], inner)

    def _taken(self, mark: str) -> bool:
        if not self._text.startswith(mark, self._at):
            return False
        self._at += 1
        return True

    def _rest(self) -> str:
        return shortened(self._text[self._at :], 30)


def _counted(elements: tuple[_Element, ...]) -> int:
    return sum(1 if e.inner is None else _counted(e.inner) for e in elements)


def _start(elements: tuple[_Element, ...]) -> tuple[int, bool]:
    """Return the level that `opt` takes the whole for, which the first element decides."""
    first = elements[0]
    if first.inner is not None:
        return (_FUNCTION if first.name.startswith("loop") else _MODULE), False
    level = words().levels.get(first.name, _MODULE)
    return level, first.name in words().needs_memory_ssa


def _check_level(elements: tuple[_Element, ...], level: int, memory_ssa: bool) -> None:  # noqa: FBT001 - a parser's state
    for element in elements:
        if element.inner is None:
            _check_pass(element, level, memory_ssa)
            continue
        if element.name not in _ADAPTORS:
            raise _RefusedError(f"{shortened(element.name)!r} takes no passes in parentheses")
        places, inside = _ADAPTORS[element.name]
        if level not in places:
            where = f"a {_LEVELS[places[-1]]} pipeline, not in a {_LEVELS[level]} pipeline"
            raise _RefusedError(f"{element.name}(…) must stand in {where}")
        if element.parameters is not None and f"{element.name}<{element.parameters}>" != (
            "function<eager-inv>"
        ):
            raise _RefusedError(f"{element.name} takes no parameter {element.parameters!r}")
        _check_level(element.inner, inside, element.name == "loop-mssa")


def _check_pass(element: _Element, level: int, memory_ssa: bool) -> None:  # noqa: FBT001 - a parser's state
    own = words().levels.get(element.name)
    if own is None:
        raise _RefusedError(f"the pass {shortened(element.name)!r} is not on the list")
    if own < level:
        where = f"a {_LEVELS[own]} pass, in a {_LEVELS[level]} pipeline"
        raise _RefusedError(f"{element.name!r} is {where}; begin with a {_LEVELS[own]} pass")
    if element.name in words().needs_memory_ssa and not memory_ssa:
        raise _RefusedError(f"{element.name!r} must stand in loop-mssa(…)")
    allowed = words().parameters.get(element.name, ())
    if element.parameters is None:
        if element.name in {"default", "lto", "lto-pre-link"}:
            raise _RefusedError(f"{element.name!r} needs a level, e.g. {element.name}<O3>")
        return
    for parameter in element.parameters.split(";"):
        if not _fits(parameter, allowed):
            known = ", ".join(allowed) or "none"
            what = f"{shortened(parameter)!r} is no parameter of {element.name!r}"
            raise _RefusedError(f"{what} (known: {shortened(known, 300)})")


def _fits(parameter: str, allowed: tuple[str, ...]) -> bool:
    name, equals, value = parameter.partition("=")
    for word in allowed:
        known, _, values = word.partition("=")
        if name == known and bool(equals) == bool(values):
            return not values or value_objection(value, values) is None
    return False


def _option_objection(tool: str, option: str, known: Mapping[str, str]) -> str | None:
    match = _OPTION.fullmatch(option)
    if match is None or match[1] not in known:
        return f"the option {shortened(option)!r} of {tool} is not on the list"
    name, value = match[1], match[2]
    if value is None:
        return None if known[name] == FLAG else f"-{name} needs a value: {known[name]}"
    problem = value_objection(value, known[name])
    return None if problem is None else f"-{name} {problem}"
