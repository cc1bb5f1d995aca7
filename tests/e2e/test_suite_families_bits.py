"""Generated kernels of mixing rounds and of record decoders against independent oracles in Python."""

import ctypes
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from coopbench.harness.contract import Contract, ScalarType
from coopbench.harness.workload import KernelInput, make_input
from coopbench.suites.catalog import curated
from coopbench.suites.families import Variant, load_family

pytestmark = pytest.mark.e2e

DRAWS = 10
INPUTS = 12

Values = Mapping[str, Any]
Outcome = tuple[int | None, NDArray[Any]]


def mix_rounds(values: Values, item: KernelInput) -> Outcome:
    """Mix with unbounded integers, cut to the word's bits after each step."""
    bits, mask = values["bits"], (1 << values["bits"]) - 1
    turns = [values[f"r{i}"] for i in range(4)]
    key = item.arrays[values["key"]].tolist()
    change = {"+=": int.__add__, "-=": int.__sub__, "^=": int.__xor__}
    words: list[int] = []
    for block in range(int(item.scalars["n"])):
        w = list(key)
        if values["feed"] == "data":
            data = item.arrays["data"][4 * block : 4 * block + 4].tolist()
            w = [a ^ b for a, b in zip(w, data, strict=True)]
        else:
            w[3] ^= (int(item.scalars["start"]) + block) & mask
        for number in range(int(item.scalars["rounds"])):
            for (op, into, other, turned), by in zip(values["steps"], turns, strict=True):
                w[into] = change[op](w[into], w[other]) & mask
                x = w[turned] ^ w[into]
                w[turned] = (x << by | x >> (bits - by)) & mask
            _, into, other, turned = values["steps"][0]
            w[into] ^= values["constant"] + number
            w[turned] = (w[turned] + (w[other] >> values["shift"])) & mask
        words += [change[values["final"]](a, b) & mask for a, b in zip(w, key, strict=True)]
    return None, np.array(words, f"<u{bits // 8}")


def difference(values: Values, byte: int) -> int:
    """Return what a byte says, by the convention for negative numbers."""
    match values["sign"]:
        case "zigzag":
            plain = byte // 2 if byte % 2 == 0 else -(byte // 2) - 1
        case "excess 128":
            plain = byte - 128
        case _:
            plain = int.from_bytes(bytes([byte]), "little", signed=True)
    return int(plain * values["scale"])


def record(values: Values, kind: str, rest: bytes, count: int, last: int) -> tuple[list[int], int]:
    """Return the values of a record's body and how many bytes it takes."""
    if kind == "run":
        width = 2 if values["type"] == "u16" else 4
        if len(rest) < width:
            return [], len(rest)
        order = "big" if values["big_endian"] else "little"
        return [int.from_bytes(rest[:width], order)] * count, width  # type: ignore[arg-type]
    if kind == "ramp":
        slope = difference(values, rest[0]) if rest else 0
        return [last + slope * (i + 1) for i in range(count if rest else 0)], min(1, len(rest))
    changes = [difference(values, byte) for byte in rest[:count]]
    slopes = np.cumsum(changes) if kind == "second" else np.array(changes, int)
    return [last + int(total) for total in np.cumsum(slopes)], len(changes)


def codec_mix(values: Values, item: KernelInput) -> Outcome:
    """Decode record by record from slices; wrap around at the end only."""
    data, room = item.arrays[values["data"]].tobytes(), int(item.scalars["room"])
    made: list[int] = []
    bits, last, at = values["count_bits"], values["initial"], 0
    while at < len(data) and len(made) < room:
        high, low = divmod(data[at], 1 << (bits if values["count_low"] else 8 - bits))
        number, selector = (low, high) if values["count_low"] else (high, low)
        count = min(number + values["bias"], room - len(made))
        more, used = record(values, values["kinds"][selector % 3], data[at + 1 :], count, last)
        made += more
        last = made[-1] if more else last
        at += 1 + used
    filled = made + [values["fill"]] * (room - len(made))
    dtype = ScalarType(values["type"]).dtype
    return len(made), np.array([v % 2**32 for v in filled], np.uint64).astype(np.uint32).astype(
        dtype
    )


FAMILIES: dict[str, Callable[[Values, KernelInput], Outcome]] = {
    "mix_rounds": mix_rounds,
    "codec_mix": codec_mix,
}


def build(variant: Variant, folder: Path) -> Any:
    """Build a variant without warnings and load its function."""
    command = shutil.which("clang-19") or shutil.which("gcc")
    if command is None:
        pytest.skip("neither clang-19 nor gcc is installed")
    source = variant.write(folder) / "kernel.c"
    library = source.with_suffix(".so")
    words = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC"]
    subprocess.run([command, *words, str(source), "-o", str(library)], check=True)
    contract = variant.benchmark.contract
    function = getattr(ctypes.CDLL(str(library)), contract.function)
    function.restype = ctypes.c_size_t if contract.returns else None
    return function


def call(function: Any, contract: Contract, item: KernelInput) -> Outcome:
    """Call it with an output full of rubbish."""
    (output,) = [p for p in contract.arrays if p.is_output]
    out = np.full(item.lengths[output.name], 0x5A, output.type.dtype)
    arguments: list[Any] = []
    for p in contract.parameters:
        if p.is_array:
            array = out if p is output else item.arrays[p.name]
            arguments.append(ctypes.c_void_p(array.ctypes.data))
        else:
            kind = ctypes.c_uint32 if p.type is ScalarType.U32 else ctypes.c_uint64
            arguments.append(kind(int(item.scalars[p.name])))
    return function(*arguments), out


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_generated_kernels_agree_with_oracle(name: str, tmp_path: Path) -> None:
    """Whatever is drawn, the C source does what an independent Python program does."""
    family = load_family(curated().root / "families" / name)
    for variant in family.variants(11, DRAWS):
        function = build(variant, tmp_path)
        benchmark = variant.benchmark
        for i in range(INPUTS):
            rng = np.random.default_rng(i)
            hidden = benchmark.manifest.hidden.items()
            given = {n: int(rng.integers(low, high, endpoint=True)) for n, (low, high) in hidden}
            item = make_input(benchmark.contract, given, i, variant=i)
            value, out = call(function, benchmark.contract, item)
            expected, wanted = FAMILIES[name](variant.values, item)
            assert value == expected, f"{variant.name}: {item.label}"
            np.testing.assert_array_equal(out, wanted, f"{variant.name}: {item.label}")
