"""Standard input that holds values: tables of comma-separated fields, and doubles in binary."""

import struct

import numpy as np
from numpy.typing import NDArray

INT64_MAX = (1 << 63) - 1
INT64_MIN = -(1 << 63)


def csv(rng: np.random.Generator, size: int) -> bytes:
    """Return about `size` bytes of comma-separated values, in whole records.

    The columns hold small counts, signed numbers, amounts with decimals, words, quoted text, and
    numbers so large that a sum of a few of them may exceed 64 bits. A few fields are empty or
    quoted numbers, and a few records are too short or too long.
    """
    count = max(1, size // 48)
    newline = b"\r\n" if rng.random() < 0.25 else b"\n"
    columns = (
        [b"%d" % v for v in rng.integers(0, 1000, count).tolist()],
        [b"%d" % v for v in rng.integers(-(10**9), 10**9, count).tolist()],
        [b"%.2f" % v for v in rng.normal(50, 40, count).tolist()],
        rng.choice(_WORDS, count).tolist(),
        rng.choice(_TEXTS, count).tolist(),
        [b"%+d" % v for v in _large(rng, count).tolist()],
    )
    kinds = rng.random(count).tolist()
    lines = []
    for kind, fields in zip(kinds, zip(*columns, strict=True), strict=True):
        lines.append(b",".join(_odd(fields, kind) if kind < 0.05 else fields))
    return newline.join(lines) + newline


_WORDS = (b"north", b"south", b"east", b"west", b"", b"n/a", b"7a", b'a"b')
_TEXTS = (
    *(b'"plain"', b'"a, b"', b'"say ""yes"""', b'"5"", 7"', b'"two\nlines"'),
    *(b'""', b'"12"', b'"-3"', b"free text"),
)


def _large(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Return numbers whose sum stays within 64 bits for some seeds, and leaves them for others."""
    limit = INT64_MAX if rng.random() < 0.3 else INT64_MAX // (40 * count)
    return rng.integers(-limit, limit, count)


def _odd(fields: tuple[bytes, ...], kind: float) -> tuple[bytes, ...]:
    if kind < 0.01:
        return fields[:3]
    if kind < 0.02:
        return (*fields, b"1", b"2")
    if kind < 0.03:
        return (b'"%s"' % fields[0], *fields[1:])
    if kind < 0.04:
        return (b"", *fields[1:])
    return (fields[0] + b" ", *fields[1:])


def doubles(rng: np.random.Generator, size: int) -> bytes:
    """Return `size` bytes (rounded down to whole numbers) of little-endian doubles.

    Most are of everyday size; some are exact ties between two thousandths (odd multiples of
    1/2000 that binary can hold), some are close to a tie, tiny, huge, infinite or not a number.
    """
    count = size // 8
    values = rng.normal(0.0, 1.0, count) * 10.0 ** rng.integers(-3, 8, count)
    kinds = rng.random(count)
    ties = kinds < 0.1
    values[ties] = rng.integers(-(10**6), 10**6, int(ties.sum())) / 16.0
    near = (kinds >= 0.1) & (kinds < 0.15)
    values[near] = np.round(values[near], 3) + 0.0005
    whole = (kinds >= 0.15) & (kinds < 0.2)
    values[whole] = np.round(values[whole])
    rare = kinds >= 0.995
    values[rare] = rng.choice(np.array(_RARE), int(rare.sum()))
    return values.astype("<f8").tobytes()


_RARE = (0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -1e-9, 9.5e15, -(2.0**53), 1e22, 1e300)


def _packed(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}d", *values)


EDGE_TABLES: dict[str, bytes] = {
    "overflow upward": b"%d,1\n1,1\n" % INT64_MAX,
    "overflow downward": b"%d\n-1\n" % INT64_MIN,
    "overflow on the way": b"%d\n1\n-2\n" % INT64_MAX,
    "just no overflow": b"%d\n-1\n%d\n1\n" % (INT64_MAX, INT64_MIN),
    "both limits": b"%d,%d\n" % (INT64_MAX, INT64_MIN),
    "number beyond 64 bits": b"%d,%d\n" % (INT64_MAX + 1, INT64_MIN - 1),
    "twenty digits": b"99999999999999999999,00000000000000000000001\n18446744073709551617\n",
    "signs": b"+1,-1,+,-,--1,+-1,1-\n",
    "spaces": b" 1,1 ,1 1,\t2\n",
    "quotes": b'"1,2",3\n"4""5",6\n"7"8,9\n"a\nb",1\n',
    "quote inside": b'1"2,3"\n4,"5\n6',
    "open quote": b'1,2\n3,"4\n5,6\n',
    "open quote and comma": b'1\n"2,',
    "doubled quotes": b'"1"",2",3\n"\n"",4""",5\n""",6\n',
    "comma at the end": b"1\n2,",
    "empty fields": b",,\n,\n1,\n,1\n",
    "empty lines": b"\n\n1\n\r\n2\n\r\r\n",
    "empty quoted": b'""\n"",""\n',
    "carriage returns": b'1,2\r\n3\r,4\r\n"5\r\n",6\r\n"7"\r\n8\r',
    "ragged": b"1\n1,2\n1,2,3\n1,2\n1\n",
    "many columns": b"1," * 3000 + b"1\n",
    "long field": b'"' + b"1" * 4000 + b'",2\n',
    "nul bytes": b"1\0,2\n\0",
}
EDGE_DOUBLES: dict[str, bytes] = {
    "ties": _packed(0.0625, 0.1875, 0.3125, 0.4375, -0.0625, 2.5, 1000.0625, -7.9375, 0.5, 0.0005),
    "zeros": _packed(0.0, -0.0, 1e-4, -1e-4, 4.9e-4, -4.9e-4, 5e-324, -5e-324, 2.2e-308),
    "carries": _packed(0.9995, 0.9996, 9.9995, 9.9999, 99.9999, 999.9996, -999.99951, 1.0),
    "large": _packed(2.0**52 + 0.5, 2.0**53, 2.0**53 - 1, -(2.0**53) - 2, 2.0**63, 2.0**64, 1e22),
    "thousandfold beyond 63 bits": _packed(9.3e15, 9223372036854775.0, 9223372036854776.5, 1.9e16),
    "huge": _packed(1.7976931348623157e308, -1e300, 1e100, 123456789012345680.0),
    "infinite": _packed(np.inf, -np.inf, np.nan, -np.nan),
    "powers of two": _packed(*(2.0**k for k in range(-80, 80))),
    "below ties": _packed(*(np.nextafter(k / 16, 0.0) for k in range(1, 64))),
    "above ties": _packed(*(np.nextafter(k / 16, 9.0) for k in range(1, 64))),
    "half a number": _packed(1.5, 2.5)[:13],
}
"""Inputs at which programs that read such values go wrong."""
