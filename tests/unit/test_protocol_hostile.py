"""Wrong, malformed and hostile answers: each meets its named end at the reader or the splicer."""

from collections import Counter

import pytest
from tests.support.hostile_answers import FUNCTION, HOSTILE, SPLICED, HostileAnswer, fate, original

from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.harness.suite import find_suite


def test_there_are_many_and_of_every_kind() -> None:
    """Over 200, each with a name of its own; every malformation occurs, at every level."""
    assert len(HOSTILE) >= 200
    assert max(Counter(h.name for h in HOSTILE).values()) == 1
    assert {h.expected for h in HOSTILE} == {*Malformed, SPLICED}
    for level in ("c", "ir", "asm"):
        assert sum(h.level == level and h.expected == SPLICED for h in HOSTILE) >= 20
        assert sum(h.level == level and h.expected != SPLICED for h in HOSTILE) >= 20


def test_they_are_answers_to_a_real_benchmark() -> None:
    """The function that they rewrite is the suite's own."""
    found = [b for b in find_suite("curated").benchmarks if b.name == FUNCTION]
    assert [b.files for b in found] == [{"kernel.c": original("c")}]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda h: h.name)
def test_each_meets_its_end(hostile: HostileAnswer) -> None:
    """A malformation of the expected kind, with one short message; or a file for the referee."""
    found = fate(hostile)
    if hostile.expected == SPLICED:
        assert isinstance(found, str), found
        assert hostile.level is not None
        assert found != original(hostile.level, hostile.arch)
        assert FUNCTION in found
        return
    assert isinstance(found, Malformation)
    assert found.kind is hostile.expected, found
    assert 10 < len(found.message) < 500
    assert "\n" not in found.message
    assert found.message.isprintable()


@pytest.mark.parametrize("level", ["c", "ir", "asm"])
def test_nothing_hostile_gets_near_the_assembler(level: str) -> None:
    """No spliced file includes another, defines other symbols or runs code of its own accord."""
    for hostile in HOSTILE:
        if hostile.level == level and hostile.expected == SPLICED:
            found = fate(hostile)
            assert isinstance(found, str)
            for word in (".incbin", "#embed", "/etc/", "global_ctors", "constructor", "module asm"):
                assert word not in found.replace('fopen("/etc/passwd"', ""), hostile.name
