"""The shared page of the instruction counter."""

import mmap
import os
import struct

import pytest

from coopbench.harness.emulation.counter import Counter


def test_counts_written_by_another_holder_are_seen() -> None:
    """Whoever maps the file counts in the same page."""
    with Counter() as counter:
        assert (counter.instructions, counter.vcpus) == (0, 0)
        other = mmap.mmap(counter.fd, 4096)
        struct.pack_into("<2Q", other, 0, 2**40 + 7, 1)
        other.close()
        assert (counter.instructions, counter.vcpus) == (2**40 + 7, 1)


@pytest.mark.parametrize("size", [0, 8192])
def test_page_cannot_be_resized(size: int) -> None:
    """A subject that reaches the file cannot make our reading fail by cutting it."""
    with Counter() as counter, pytest.raises(PermissionError):
        os.ftruncate(counter.fd, size)
