"""A benchmark's specification in words: what a prompt says of a contract or a program's interface."""

from coopbench.harness.benchmark import ProgramInterface
from coopbench.harness.contract import Contract, FloatPolicy, Parameter, Role, Special
from coopbench.harness.generate import type_range
from coopbench.harness.optimizer import BenchmarkView

_ROLES = {
    Role.IN: "input, read only",
    Role.OUT: "output; holds garbage before the call, every element is compared after it",
    Role.INOUT: "input and output; every element is compared after the call",
    Role.SCRATCH: "scratch; garbage before the call, never compared",
}
_SPECIALS = {
    Special.NAN: "NaN",
    Special.INF: "infinities",
    Special.NEGZERO: "-0.0",
    Special.DENORMAL: "denormals",
}
_STREAMS = {
    "stdout": "standard output",
    "stderr": "standard error",
    "both": "standard output and standard error together",
}


def specification(view: BenchmarkView) -> str:
    """Return what a rewrite must keep, as a list in Markdown."""
    if view.contract is not None:
        return contract_words(view.contract)
    if view.program is not None:
        return program_words(view.program)
    raise ValueError(f"benchmark {view.name!r} has neither contract nor program")


def contract_words(contract: Contract) -> str:
    """Return a contract in words: prototype, parameters, preconditions, float policy."""
    lines = [f"`{contract.prototype}`", *map(_parameter, contract.parameters)]
    lines += [f"- always: {text} >= 0" for text in contract.requires]
    if len(contract.arrays) > 1:
        lines.append(f"- {_overlaps(contract)}")
    if any(p.type.is_float for p in contract.parameters) or _returns_float(contract):
        lines.append(f"- floating point: {float_words(contract.float_policy)}")
    return "\n".join(lines)


def program_words(program: ProgramInterface) -> str:
    """Return in words how a program is run and what of it is compared."""
    argv = " ".join(program.argv) or "none"
    stdin = "empty" if program.stdin.kind == "none" else program.stdin.kind
    return "\n".join(
        (
            f"- a whole program; arguments: {argv}; standard input: {stdin}",
            f"- {_STREAMS[program.capture]} {_compared(program)}, the exit status exactly",
        )
    )


def _compared(program: ProgramInterface) -> str:
    if program.output == "exit":
        return "is not compared"
    if program.output == "pattern":
        return f"must have a line that matches {program.pattern!r}; it is compared with nothing"
    if program.output == "bytes":
        return "is compared byte for byte"
    absolute = f" or an absolute {program.absolute:g}" if program.absolute else ""
    return f"is compared token by token, numbers within a relative {program.tolerance:g}{absolute}"


def float_words(policy: FloatPolicy) -> str:
    """Return in words what a float policy lets a rewrite change."""
    if policy.kind == "exact":
        return (
            "results are compared bit by bit (sign of zero too, NaN payloads not): keep every "
            "operation and their order within each value; no reassociation, split sums, fused "
            "multiply-add or reciprocals. Independent values may be computed side by side"
        )
    allowed = "reassociation, split sums and fused multiply-add are fine within that; NaN stays NaN"
    if policy.kind == "ulp":
        return f"each result may be {policy.max_ulp} units in the last place off; {allowed}"
    return (
        f"a whole output may be off by a relative {policy.bound:g} in the 2-norm, an element by "
        f"{policy.element_bound:g} of the largest; {allowed}"
    )


def _parameter(p: Parameter) -> str:
    facts = [_range(p)]
    if p.fixed is not None:
        facts = [f"always {p.fixed}"]
    if p.is_array:
        facts = [f"{p.shape} elements", _ROLES[p.role]]
        if p.is_input:
            facts += _contents(p)
        if p.align is not None:
            facts.append(f"aligned to {p.align} bytes")
    return f"- `{p.name}`: {'; '.join(facts)}"


def _contents(p: Parameter) -> list[str]:
    kinds = {d.kind for d in p.distributions}
    timed = p.distributions[0]
    if kinds == {"offsets"}:
        return [f"never decreasing, from {timed.first} to {timed.last or p.max}"]
    if kinds == {"permutation"}:
        return ["a permutation of 0, 1, 2…"]
    facts = [f"values {_range(p)}"]
    if p.type.is_float and p.special:
        facts.append(f"{' and '.join(_SPECIALS[s] for s in p.special)} too")
    if p.sorted:
        facts.append("never decreasing")
    return [*facts, f"timed on: {timed.kind.replace('_', ' ')}"]


def _range(p: Parameter) -> str:
    """Return the legal range; the type's own bounds go without saying."""
    low, high = type_range(p.type)
    if p.min is None and p.max is None and not p.type.is_float:
        return f"any {p.type.ctype}"
    return f"{_bound(low, p.min)} to {_bound(high, p.max)}"


def _bound(default: float, given: str | float | None) -> str:
    if given is None:
        given = default
    if isinstance(given, str):
        return given
    return str(int(given)) if float(given).is_integer() else f"{given:.17g}"


def _overlaps(contract: Contract) -> str:
    odd = [
        f"`{p.name}` may overlap `{p.overlaps}`, starting {p.overlap_delta[0]} to "
        f"{p.overlap_delta[1]} elements from its start"
        for p in contract.arrays
        if p.overlaps is not None
    ]
    rest = "arrays never overlap" if not odd else "no other arrays overlap"
    return "; ".join([*odd, rest])


def _returns_float(contract: Contract) -> bool:
    return contract.returns is not None and contract.returns.is_float
