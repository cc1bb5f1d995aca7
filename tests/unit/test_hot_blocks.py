"""From counted stretches of translated code to basic blocks and their shares."""

import os
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopbench.harness.emulation.blocks import BlockCounts, BlockTable, Stretch
from coopbench.harness.tools.hotness import OTHER, hot_blocks, hottest_function
from coopbench.harness.tools.machine_code import Instruction, OwnCode


def code(*instructions: Instruction) -> OwnCode:
    """Return code of these instructions."""
    return OwnCode("", instructions)


def plain(address: int, function: str = "f") -> Instruction:
    """Return an instruction that only goes on to the next."""
    return Instruction(address, function, ends_block=False, target=None)


def jump(address: int, target: int | None, function: str = "f") -> Instruction:
    """Return a branch."""
    return Instruction(address, function, ends_block=True, target=target)


LOOP = code(plain(10), plain(14), plain(15), jump(18, 14), plain(20), jump(21, None))
"""Entry, a loop of three instructions, and an exit."""


def test_overlapping_stretches_are_taken_apart() -> None:
    """The first turn of a loop is translated together with what precedes it; blocks are not."""
    counts = BlockCounts(
        {Stretch(10, 4): 1, Stretch(14, 3): 9, Stretch(20, 2): 1, Stretch(99, 5): 2}
    )
    blocks = hot_blocks(counts, LOOP)
    assert [(b.address, b.instructions, b.executions) for b in blocks] == [
        (14, 3, 10),
        (20, 2, 1),
        (10, 1, 1),
        (0, 10, 1),
    ]
    assert blocks[-1].function == OTHER
    assert counts.instructions == 43
    assert [b.share for b in blocks] == [30 / 43, 2 / 43, 1 / 43, 10 / 43]
    assert hottest_function(blocks) == "f"


@given(st.lists(st.integers(1, 3), min_size=1, max_size=6), st.integers(1, 20))
def test_blocks_do_not_depend_on_how_the_emulator_cuts(cuts: list[int], times: int) -> None:
    """However straight code is translated, in one stretch or in many, the blocks are the same."""
    size = sum(cuts)
    straight = code(*(plain(4 * i) for i in range(size)), jump(4 * size, None))
    pieces: dict[Stretch, int] = {}
    at = 0
    for cut in cuts:
        pieces[Stretch(4 * at, cut)] = times
        at += cut
    pieces[Stretch(4 * at, 1)] = times
    whole = BlockCounts({Stretch(0, size + 1): times})
    assert hot_blocks(BlockCounts(pieces), straight) == hot_blocks(whole, straight)


def test_functions_and_branch_targets_separate_blocks() -> None:
    """Code that ran equally often is one block only if nothing can enter or leave it within."""
    two = code(plain(0), plain(4), plain(8, "g"), jump(12, 4, "g"), plain(16, "g"))
    counts = BlockCounts({Stretch(0, 5): 3})
    assert [(b.function, b.address) for b in hot_blocks(counts, two)] == [
        ("g", 8),
        ("f", 0),
        ("f", 4),
        ("g", 16),
    ]


def test_code_without_room_in_the_table_is_other() -> None:
    """Instructions that were only summed up are in the total and in `other`."""
    blocks = hot_blocks(BlockCounts({Stretch(10, 1): 1}, rest=3), LOOP)
    assert [(b.function, b.share) for b in blocks] == [("f", 0.25), (OTHER, 0.75)]


def test_nothing_executed_is_no_block() -> None:
    """Without executions there is nothing to show, and no division by zero."""
    assert hot_blocks(BlockCounts({}), LOOP) == ()
    assert hottest_function(()) is None


def test_the_difference_of_two_runs_is_what_one_did_more() -> None:
    """What both did equally often disappears."""
    long = BlockCounts({Stretch(0, 2): 5, Stretch(8, 1): 7}, rest=9)
    short = BlockCounts({Stretch(0, 2): 5, Stretch(8, 1): 3}, rest=9)
    assert long.minus(short) == BlockCounts({Stretch(8, 1): 4})
    assert long.minus(short).instructions == long.instructions - short.instructions


def test_the_table_is_read_as_the_plugin_writes_it() -> None:
    """Free slots and blocks that never ran are left out."""
    with BlockTable() as table:
        assert table.counts() == BlockCounts({})
        for slot, row in (
            (0, (6, 0, 0)),
            (3, (0x400, 5, 9)),
            (4, (0x500, 2, 0)),
            (7, (0x100, 1, 1)),
        ):
            os.pwrite(table.fd, struct.pack("<3Q", *row), 24 * slot)
        assert table.counts() == BlockCounts({Stretch(0x100, 1): 1, Stretch(0x400, 5): 9}, 6)


@pytest.mark.parametrize("size", [0, 1 << 22])
def test_the_table_cannot_be_resized(size: int) -> None:
    """A subject that reaches the file cannot make our reading fail by cutting it."""
    with BlockTable() as table, pytest.raises(PermissionError):
        os.ftruncate(table.fd, size)
