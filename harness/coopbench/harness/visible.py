"""The visible inputs of a benchmark: made from public words, and as files for tools elsewhere."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from coopbench.harness.benchmark import Benchmark
from coopbench.harness.contract import Contract, Parameter
from coopbench.harness.programs import ProgramInput, make_program_input
from coopbench.harness.workload import KernelInput, derive_seed, make_input

_SECRET = b"visible"
"""Visible inputs derive from this public word."""
_CALLS = 8
_RUNS = 4


def visible_calls(benchmark: Benchmark) -> tuple[KernelInput, ...]:
    """Return a kernel's visible inputs: seven of the preset `test`, one of `small`."""
    sizes = benchmark.manifest.sizes
    return tuple(
        make_input(
            benchmark.contract,
            sizes["small"] if i == _CALLS - 1 else sizes["test"],
            derive_seed(_SECRET, "visible", benchmark.name, i),
            variant=i,
            label="visible",
        )
        for i in range(_CALLS)
    )


def visible_runs(benchmark: Benchmark) -> tuple[ProgramInput, ...]:
    """Return a program's visible inputs: four of the preset `test`, stored or generated."""
    if benchmark.foreign is not None and benchmark.foreign.runs:
        return benchmark.foreign.runs["test"][:_RUNS]
    sizes = benchmark.manifest.sizes["test"]
    return tuple(
        make_program_input(benchmark, sizes, derive_seed(_SECRET, i), "visible")
        for i in range(_RUNS)
    )


def visible_files(benchmark: Benchmark) -> dict[str, bytes]:
    """Return the visible inputs of a benchmark as files, contents by name.

    A kernel's call number N is described by `visible-N.json`:

        {"label": name in reports, "function": the kernel's name,
         "scalars": {name: value, …},
         "arrays": {name: {"type": element type as in the contract, "length": elements,
                           "role": in | out | inout | scratch, "file": name, or null if the
                           kernel gets no contents}, …},
         "overlaps": {array: distance in elements from the start of the array it overlaps, …}}

    Scalars and arrays stand in the order of the signature. `visible-N.ARRAY.bin` holds an
    array's elements before the call, one after the other, little-endian.

    A program's run number N has its arguments (after the program's name) as a JSON list of texts
    in `visible-N.args.json`, and its standard input in `visible-N.stdin`.
    """
    if benchmark.is_kernel:
        calls = enumerate(visible_calls(benchmark))
        files = (f for number, call in calls for f in _call(benchmark.contract, number, call))
    else:
        files = (f for n, item in enumerate(visible_runs(benchmark)) for f in _run(n, item))
    return dict(files)


def _call(contract: Contract, number: int, call: KernelInput) -> Iterator[tuple[str, bytes]]:
    stem = f"visible-{number}"
    description: dict[str, Any] = {
        "label": call.label,
        "function": contract.function,
        "scalars": dict(call.scalars),
        "arrays": {p.name: _described(p, stem, call) for p in contract.arrays},
        "overlaps": dict(call.overlaps),
    }
    yield f"{stem}.json", (json.dumps(description, indent=1, allow_nan=False) + "\n").encode()
    for p in contract.arrays:
        if p.is_input:
            data = np.ascontiguousarray(call.arrays[p.name], p.type.dtype)
            yield f"{stem}.{p.name}.bin", data.tobytes()


def _described(p: Parameter, stem: str, call: KernelInput) -> dict[str, Any]:
    return {
        "type": p.type.value,
        "length": call.lengths[p.name],
        "role": p.role.value,
        "file": f"{stem}.{p.name}.bin" if p.is_input else None,
    }


def _run(number: int, item: ProgramInput) -> Iterator[tuple[str, bytes]]:
    stem = f"visible-{number}"
    yield f"{stem}.args.json", (json.dumps(item.argv) + "\n").encode()
    yield f"{stem}.stdin", item.stdin
