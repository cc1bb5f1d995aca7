"""A benchmark's contract in words, for people."""

from collections.abc import Iterator

from coopbench.harness.benchmark import Benchmark, ProgramInterface
from coopbench.harness.contract import Contract, Distribution, FloatPolicy, Parameter, Role

_ROLES = {
    Role.IN: "read",
    Role.OUT: "written",
    Role.INOUT: "read and written",
    Role.SCRATCH: "scratch space",
}
_INPUTS = {
    "none": "nothing",
    "words": "text of words",
    "json": "a JSON document",
    "numbers": "one number a line",
    "bytes": "random bytes",
    "lines": "random printable lines",
    "graph": "a graph, an edge a line",
    "csv": "records of comma-separated fields",
    "doubles": "numbers of 64 bits in binary",
}


def contract_in_words(benchmark: Benchmark) -> tuple[str, ...]:
    """Return what a benchmark is given and what of its results counts, a sentence each."""
    if benchmark.is_kernel:
        return tuple(_kernel(benchmark.contract))
    assert benchmark.manifest.program is not None  # a program has an interface
    return tuple(_program(benchmark.manifest.program))


def float_policy_in_words(policy: FloatPolicy) -> str:
    """Return when two float results count as the same."""
    if policy.kind == "exact":
        return "floats must have the same bits (a NaN's payload is ignored)"
    if policy.kind == "ulp":
        return f"floats may be {policy.max_ulp} units in the last place apart"
    return (
        f"floats may differ by {policy.bound:g} of the output's norm, and no element by more than"
        f" {policy.element_bound:g} of the largest"
    )


def distribution_in_words(distribution: Distribution) -> str:
    """Return how inputs are drawn."""
    details = [
        *([f"letters {distribution.letters!r}"] if distribution.letters else []),
        *([f"of {distribution.of}"] if distribution.of else []),
        *(
            [f"from {distribution.first} to {distribution.last}"]
            if distribution.kind == "offsets"
            else []
        ),
        *([f"{distribution.damage:.0%} damaged"] if distribution.damage else []),
    ]
    return distribution.kind.replace("_", " ") + (f" ({', '.join(details)})" if details else "")


def _kernel(contract: Contract) -> Iterator[str]:
    for p in contract.parameters:
        yield _array(p) if p.is_array else _scalar(p)
    for text in contract.requires:
        yield f"always: {text} >= 0"
    if contract.returns is not None:
        yield f"returns {contract.returns.value}, which counts as a result"
    types = (contract.returns, *(p.type for p in contract.arrays if p.is_output))
    if any(t is not None and t.is_float for t in types):
        yield float_policy_in_words(contract.float_policy)


def _array(p: Parameter) -> str:
    facts = [f"{p.name}: array of {p.shape} {p.type.value}, {_ROLES[p.role]}", *_limits(p)]
    if p.sorted:
        facts.append("never decreasing")
    if p.type.is_float and p.is_input:
        allowed = ", ".join(s.value for s in p.special)
        facts.append(f"may hold {allowed}" if allowed else "ordinary floats only")
    if p.align is not None:
        facts.append(f"aligned to {p.align} bytes")
    if p.overlaps is not None:
        low, high = p.overlap_delta
        facts.append(f"may overlap {p.overlaps}, {low} to {high} elements from its start")
    if p.qualifiers:
        facts.append(p.qualifiers)
    return ", ".join(facts)


def _scalar(p: Parameter) -> str:
    fixed = [f"always {p.fixed}"] if p.fixed is not None else []
    return ", ".join([f"{p.name}: {p.type.value}", *fixed, *_limits(p)])


def _limits(p: Parameter) -> list[str]:
    ends = (("at least", p.min), ("at most", p.max))
    return [f"{word} {_number(end)}" for word, end in ends if end is not None]


def _number(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.15g}"


def _program(interface: ProgramInterface) -> Iterator[str]:
    if interface.argv:
        yield f"arguments: {' '.join(interface.argv)}"
    source = interface.stdin
    size = f", about {source.size} bytes" if source.kind != "none" else ""
    yield f"standard input: {_INPUTS.get(source.kind, source.kind)}{size}"
    counts = {"stdout": "standard output", "stderr": "standard error", "both": "both outputs"}
    what = counts[interface.capture]
    if interface.output == "bytes":
        yield f"{what} and exit status must be the same, byte for byte"
    elif interface.output == "tokens":
        yield (
            f"{what} must be the same word for word; numbers may differ by {interface.tolerance:g}"
            f" relatively or {interface.absolute:g} absolutely"
        )
    elif interface.output == "exit":
        yield "the exit status must be the same"
    else:
        yield f"{what} must match {interface.pattern!r} in every run"
