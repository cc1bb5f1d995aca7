"""What the kernels about bits, codes and rounding traps must compute, written a second time in Python.

Same convention as `suite_oracles`: scalars and input arrays by name go in, the value of the call
and the contents of its output arrays come out.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Outcome = tuple[int | None, dict[str, Array]]
Arguments = Mapping[str, Any]

M32 = (1 << 32) - 1


def trap_minmax(arg: Arguments) -> Outcome:
    a, b = arg["a"].reshape(arg["rows"], arg["mids"]), arg["b"].reshape(arg["mids"], arg["cols"])
    if not a.size:
        return None, {"best": np.zeros(0)}
    worse = np.where(a[:, :, None] > b[None], a[:, :, None], b[None])
    best = worse[:, 0]
    for k in range(1, arg["mids"]):
        best = np.where(worse[:, k] < best, worse[:, k], best)
    return None, {"best": best.ravel()}


def trap_negzero(arg: Arguments) -> Outcome:
    samples = arg["in"].reshape(arg["frames"], arg["ins"])
    gain = arg["gain"].reshape(arg["outs"], arg["ins"])
    out = np.zeros((arg["frames"], arg["outs"]))
    for i in range(arg["ins"]):
        out += np.outer(samples[:, i], gain[:, i])
    return None, {"out": out.ravel()}


def trap_kahan(arg: Arguments) -> Outcome:
    x = arg["x"].reshape(arg["rows"], arg["cols"])
    total, excess = np.zeros(arg["rows"]), np.zeros(arg["rows"])
    for c in range(arg["cols"]):
        term = x[:, c] - excess
        following = total + term
        excess = (following - total) - term
        total = following
    return None, {"sums": total}


def trap_sdiv(arg: Arguments) -> Outcome:
    a, b = arg["a"].astype(np.int64), arg["b"].astype(np.int64)
    # exact in doubles: sums of 33 bits, halved or with a smaller exponent
    mean = np.trunc(np.ldexp(np.trunc((a + b) / 2.0), -arg["k"]))
    left = sum(int(np.sign(x) @ (np.abs(x) % (1 << arg["k"]))) for x in (a, b))
    return left, {"mean": mean.astype(np.int32)}


def trap_selfidx(arg: Arguments) -> Outcome:
    a = arg["a"].tolist()
    for i, source in enumerate(arg["source"].tolist()):
        x = a[source]
        x = (x ^ x >> 15) * 0x2C1B3C6D & M32
        x = (x ^ x >> 12) * 0x297A2D39 & M32
        a[i] = a[i] + (x ^ x >> 15) & M32
    return None, {"a": np.array(a, np.uint32)}


def trap_denorm(arg: Arguments) -> Outcome:
    level, sounding = arg["level"].copy(), np.zeros(arg["n"], np.uint32)
    for _ in range(arg["steps"]):
        loud = level != 0
        sounding += loud
        level = np.where(loud, level * arg["keep"], level)
    return None, {"level": level, "sounding": sounding}


def ctl_fraction(arg: Arguments) -> Outcome:
    fraction = np.float64(1.0)
    for b in arg["b"][::-1]:
        fraction = b + np.float64(arg["a"]) / fraction
    return None, {"value": np.array([fraction])}


def ctl_triad(arg: Arguments) -> Outcome:
    y = float(arg["start"])
    for x in arg["x"].tolist():
        y = x + arg["s"] * y
    return None, {"last": np.array([y])}


def list_chase(arg: Arguments) -> Outcome:
    table, place, total = arg["next"].tolist(), arg["start"], 0
    for hop in range(arg["hops"]):
        place = table[place] + hop & 0xFFFF
        total += place
    return total, {}


def ctl_sumsq(arg: Arguments) -> Outcome:
    value = arg["value"]
    for x in arg["x"].tolist():
        value = value * value + x & (1 << 64) - 1
    return value, {}


def ctl_bswap(arg: Arguments) -> Outcome:
    total = arg["sum"]
    for word in arg["words"].tolist():
        total = int.from_bytes((total + word & M32).to_bytes(4, "little"), "big")
    return total, {}


def bitmat_t(arg: Arguments) -> Outcome:
    raw = arg["in"].astype("<u8").view(np.uint8).reshape(-1, 64, 8)
    bits = np.unpackbits(raw, axis=2, bitorder="little").transpose(0, 2, 1)
    packed = np.packbits(bits, axis=2, bitorder="little")
    return None, {"out": np.ascontiguousarray(packed).reshape(-1).view("<u8")}


def bigmul(arg: Arguments) -> Outcome:
    a, b = (int.from_bytes(arg[name].astype("<u2").tobytes(), "little") for name in "ab")
    product = (a * b).to_bytes(2 * (arg["na"] + arg["nb"]), "little")
    return None, {"product": np.frombuffer(product, "<u2")}


def rotated(x: Array, by: int) -> Array:
    return x << np.uint32(by) | x >> np.uint32(32 - by)


def arx_blocks(arg: Arguments) -> Outcome:
    count = arg["n"]
    counters = np.arange(arg["counter"], arg["counter"] + count).astype(np.uint32)
    words = [*np.frombuffer(b"expand 32-byte k", "<u4"), *arg["key"], counters, *arg["nonce"]]
    start = np.stack([np.broadcast_to(word, count) for word in words]).astype(np.uint32)
    x = start.reshape(4, 4, count).copy()  # row, column, block
    for shift in [0, 1] * 10:
        a, b, c, d = (np.roll(x[row], -row * shift, axis=0) for row in range(4))
        for by in (16, 8):
            a += b
            d = rotated(d ^ a, by)
            c += d
            b = rotated(b ^ c, 12 if by == 16 else 7)
        x = np.stack([np.roll(v, row * shift, axis=0) for row, v in enumerate((a, b, c, d))])
    return None, {"out": (x.reshape(16, count) + start).T.ravel()}


def mc_hits(arg: Arguments) -> Outcome:
    state, drawn = arg["seed"], []
    for _ in range(2 * arg["n"]):
        state = state * 1664525 + 1013904223 & M32
        drawn.append(state >> 17)
    x, y = np.array(drawn, np.int64).reshape(-1, 2).T
    return int(np.count_nonzero(x * x + y * y < arg["limit"])), {}


HUFFMAN_COUNTS = (0, 0, 0, 2, 6, 5, 6, 5, 8, 12, 16, 20, 24)
HUFFMAN_SYMBOLS = bytes.fromhex(
    "206574616f696e736872646c750a636d667779707662676b6a71787a2e2c2d272254415349485742"
    "4d43504e464c5244454f474a4b55595651585a303132333435363738393b3a3f2128292f2a262524"
    "23402b3d3c3e5b5d7b7d5f7c7e5e605c09e4f6fce9e8dfe0"
)


def huffman_codes() -> dict[str, int]:
    """Return the symbol of each code, written in binary."""
    codes, code, symbols = {}, 0, iter(HUFFMAN_SYMBOLS)
    for length, count in enumerate(HUFFMAN_COUNTS):
        code <<= 1
        for _ in range(count):
            codes[f"{code:0{length}b}"] = next(symbols)
            code += 1
    return codes


def huff_bits(arg: Arguments) -> Outcome:
    codes, text = huffman_codes(), bytearray()
    bits = "".join(f"{byte:08b}" for byte in arg["bits"].tolist())
    start = end = 0
    while end < len(bits):
        end += 1
        symbol = codes.get(bits[start:end])
        if symbol is not None:
            text.append(symbol)
            start = end
    filled = bytes(text).ljust(8 * arg["n"] // 3, b"\0")
    return len(text), {"text": np.frombuffer(filled, np.uint8)}


def lz_expand(arg: Arguments) -> Outcome:
    data, room = arg["data"].tobytes(), arg["room"] + 256
    out, at = bytearray(arg["dictionary"].tobytes()), 0
    while at < len(data) and len(out) < room:
        literals, length = divmod(data[at], 32)
        out += data[at + 1 : at + 1 + literals]
        at += 1 + literals
        if length and at < len(data):
            period = out[-1 - data[at] :]
            out += (period * length)[:length]
            at += 1
        if at > len(data):
            break
    del out[room:]
    filled = bytes(out).ljust(room, b"\0")
    return len(out) - 256, {"out": np.frombuffer(filled, np.uint8)}


ADPCM_STEPS = (
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28,
    31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118,
    130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494,
    544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066,
    2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630,
    9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
)  # fmt: skip


def adpcm_dec(arg: Arguments) -> Outcome:
    count, samples = arg["channels"], []
    sample, index = np.zeros(count, np.int64), np.zeros(count, np.int64)
    steps = np.array(ADPCM_STEPS)
    for column in arg["codes"].reshape(count, arg["n"]).T:
        for code in (column & 15, column >> 4):
            step, size = steps[index], code & 7
            parts = [step >> 3, (size >> 2) * step, (size >> 1 & 1) * (step >> 1)]
            change = sum(parts) + (size & 1) * (step >> 2)
            sample = np.clip(np.where(code > 7, sample - change, sample + change), -32768, 32767)
            index = np.clip(index + np.where(size < 4, -1, 2 * size.astype(int) - 6), 0, 88)
            samples.append(sample)
    table = np.array(samples, np.int16).reshape(2 * arg["n"], count)
    return None, {"samples": table.T.ravel()}


ORACLES: dict[str, Callable[[Arguments], Outcome]] = {
    f.__name__: f
    for f in (
        trap_minmax,
        trap_negzero,
        trap_kahan,
        trap_sdiv,
        trap_selfidx,
        trap_denorm,
        ctl_fraction,
        ctl_triad,
        list_chase,
        ctl_sumsq,
        ctl_bswap,
        bitmat_t,
        bigmul,
        arx_blocks,
        mc_hits,
        huff_bits,
        lz_expand,
        adpcm_dec,
    )
}
