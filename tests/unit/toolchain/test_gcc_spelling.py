"""What gcc writes and clang's assembler does not read."""

import pytest

from coopbench.harness.toolchain.constituents import respelled


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"\tmovi\tv0.16b, 0xffffffffffffff84\n", b"\tmovi\tv0.16b, 0x84\n"),
        (b"\tmovi\tv12.8b, 0xffffffffffffffc0\n", b"\tmovi\tv12.8b, 0xc0\n"),
        (b"\tmovi\td0, 0xffffffff00000000\n", b"\tmovi\td0, 0xffffffff00000000\n"),
        (b"\tmovi\tv0.4s, 0xff\n", b"\tmovi\tv0.4s, 0xff\n"),
        (b'\t.string "movi v0.16b, 0xff"\n', b'\t.string "movi v0.16b, 0xff"\n'),
    ],
)
def test_bytes_of_vectors(given: bytes, expected: bytes) -> None:
    """Only a vector's negative byte with 64 bits is written anew."""
    assert respelled(given) == expected
