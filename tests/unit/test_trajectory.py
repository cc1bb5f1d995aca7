"""Trajectories: numbered, on the disk at once, readable after a kill."""

from pathlib import Path

import pytest

from coopbench.harness.errors import InfraError, UsageError
from coopbench.harness.ledger import Amounts
from coopbench.harness.trajectory import (
    FileJournal,
    MemoryJournal,
    Recorder,
    event,
    read_events,
)


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def test_events_are_numbered_and_carry_the_ledger() -> None:
    """Events get numbers without gaps and what had been spent by then."""
    journal = MemoryJournal()
    spent = [Amounts(tokens=1), Amounts(tokens=5)]
    recorder = Recorder(journal, lambda: spent.pop(0))
    recorder.record(event("request", "a"))
    recorder.record(event("answer", "b", data={"source": "script: x"}))
    assert [e.seq for e in journal.events] == [0, 1]
    assert [e.spent.tokens for e in journal.events] == [1, 5]
    assert recorder.sources == {"script: x": 1}


def test_mishaps_are_counted_by_kind() -> None:
    """Malformed answers, failed calls and refusals are counted by their names."""
    recorder = Recorder(MemoryJournal(), Amounts)
    for kind in ("truncated", "echo", "echo"):
        recorder.record(event("malformed", data={"kind": kind}))
    recorder.record(event("refused", "no reason"))
    recorder.record(event("build"))
    assert recorder.mishaps == {"truncated": 1, "echo": 2, "refused": 1}


def test_an_event_is_in_the_file_before_the_next_step(tmp_path: Path) -> None:
    """What was written is readable while the journal is still open."""
    path = tmp_path / "t" / "a.jsonl"
    with FileJournal(path) as journal:
        journal.write(event("begin", "ünï"))
        assert [e.text for e in read_events(lines(path), "a")] == ["ünï"]


def test_an_earlier_attempt_is_moved_aside(tmp_path: Path) -> None:
    """A trajectory that a killed search left behind is kept beside the new one."""
    path = tmp_path / "a.jsonl"
    for number in range(3):
        with FileJournal(path) as journal:
            journal.write(event("begin", str(number)))
    texts = {p.name: read_events(lines(p), p.name)[0].text for p in tmp_path.iterdir()}
    assert texts == {
        "a.jsonl": "2",
        "a.interrupted-1.jsonl": "0",
        "a.interrupted-2.jsonl": "1",
    }


def test_a_cut_last_line_is_left_out(tmp_path: Path) -> None:
    """A line cut by a kill is ignored at the end and damage anywhere else is an error."""
    path = tmp_path / "a.jsonl"
    with FileJournal(path) as journal:
        for word in ("one", "two"):
            journal.write(event("note", word))
    whole = path.read_bytes()
    cut = whole[:-5].splitlines(keepends=True)
    assert [e.text for e in read_events(cut, "a")] == ["one"]
    with pytest.raises(UsageError, match="line 1 is damaged"):
        read_events([b"{nonsense}\n", *cut], "a")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A trajectory that cannot be written is the machine's trouble, named as such."""
    (tmp_path / "file").write_text("")
    with pytest.raises(InfraError, match="cannot write the trajectory"):
        FileJournal(tmp_path / "file" / "a.jsonl")
