"""The file of a tape: what a kill, damage or a crowd of writers can do to it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from coopbench.agents.backends.tape_entries import ObservationEntry
from coopbench.agents.backends.tape_file import TapeWriter, read_header, read_tape
from coopbench.harness.errors import InfraError, UsageError


def entry(n: int) -> ObservationEntry:
    return ObservationEntry(scope="e/b/t/0", key="cost", n=n, value=n / 3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a tape with three entries."""
    found = tmp_path / "folder" / "t.jsonl"
    TapeWriter(found).append(entry(0), entry(1))
    TapeWriter(found).append(entry(2))
    return found


def test_it_is_lines_of_json_with_a_header(path: Path) -> None:
    """A tape begins with one header: format, versions, machine; every line is a JSON object."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["header", *["observation"] * 3]
    assert lines[0]["format"] == 1
    assert "ziglang" in lines[0]["toolchain"]
    assert read_tape(path).entries == (entry(0), entry(1), entry(2))
    assert read_header(path) == read_tape(path).header


def test_a_torn_last_line_is_left_out_and_then_cut_off(path: Path) -> None:
    """What a kill left of a line is ignored by readers and removed by the next writer."""
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    assert read_tape(path).entries == (entry(0), entry(1))
    TapeWriter(path).append(entry(9))
    assert read_tape(path).entries == (entry(0), entry(1), entry(9))


def test_a_last_line_that_lacks_only_its_end_is_kept(path: Path) -> None:
    """A whole entry whose line break is missing counts, for readers and the next writer alike."""
    path.write_bytes(path.read_bytes()[:-1])
    assert len(read_tape(path).entries) == 3
    TapeWriter(path).append(entry(9))
    assert read_tape(path).entries == (entry(0), entry(1), entry(2), entry(9))


def test_damage_is_named_with_its_line(path: Path) -> None:
    """A damaged line inside is an error that names file, line and remedy."""
    lines = path.read_bytes().splitlines(keepends=True)
    for broken in (
        b"{}\n",
        b"\xff\n",
        b'{"kind": "answer"}\n',
        lines[1].replace(b'"n":0', b'"n":"x"'),
    ):
        path.write_bytes(lines[0] + broken + lines[2])
        with pytest.raises(UsageError, match=r"line 2 is damaged .*restore"):
            read_tape(path)


def test_what_is_no_tape_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A foreign file is never taken for a tape: not even one line without an end."""
    for text in ("hello", "{}\n", '{"kind": "observation", "scope": "", "key": "", "n": 0}\n'):
        path = tmp_path / "notes.txt"
        path.write_text(text)
        with pytest.raises(UsageError, match="is no tape"):
            read_tape(path)
        with pytest.raises(UsageError, match="is no tape"):
            read_header(path)


def test_a_second_header_is_refused(path: Path) -> None:
    """Two tapes pasted together are no tape."""
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(UsageError, match="line 5 should not be a header"):
        read_tape(path)


def test_a_newer_format_is_refused_by_name(path: Path) -> None:
    """A tape of a later version says that the program must be updated."""
    lines = path.read_text().splitlines()
    header = {**json.loads(lines[0]), "format": 2, "novelty": []}
    path.write_text("\n".join([json.dumps(header), *lines[1:]]) + "\n")
    with pytest.raises(UsageError, match="format 2, this program knows up to 1"):
        read_tape(path)


def test_a_missing_or_empty_file_holds_nothing(tmp_path: Path) -> None:
    """A tape that is not there, or has no line yet, is empty."""
    assert read_tape(tmp_path / "none").header is None
    empty = tmp_path / "empty"
    empty.touch()
    assert read_tape(empty).header is None
    assert read_header(empty) is None
    TapeWriter(empty).append(entry(0))
    assert read_tape(empty).entries == (entry(0),)


def test_what_cannot_be_used_is_explained(tmp_path: Path) -> None:
    """A folder instead of a file, or a file instead of a folder, is the user's mistake."""
    with pytest.raises(UsageError, match="name a file"):
        read_tape(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="name a file"):
        TapeWriter(tmp_path / "file" / "t").append(entry(0))


def test_a_full_disk_is_the_machines_trouble(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """If a line cannot be written, that is an infrastructure error, and the tape stays whole."""
    before = path.read_bytes()

    def full(fd: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(InfraError, match="No space left"):
        TapeWriter(path).append(entry(9))
    assert path.read_bytes() == before


WRITER = """
import sys
from pathlib import Path
from coopbench.agents.backends.tape_entries import ObservationEntry
from coopbench.agents.backends.tape_file import TapeWriter
writer = TapeWriter(Path(sys.argv[1]))
for n in range(50):
    writer.append(ObservationEntry(scope=sys.argv[2], key="k" * 5000, n=n, value=None))
"""


def test_processes_append_at_once(tmp_path: Path) -> None:
    """Several processes begin and write one tape at once: one header, no line lost or mixed."""
    path = tmp_path / "t"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(i)]) for i in range(3)
    ]
    assert [w.wait() for w in writers] == [0, 0, 0]
    found = read_tape(path).entries
    assert len(found) == 150
    for i in range(3):
        own = [e.n for e in found if isinstance(e, ObservationEntry) and e.scope == str(i)]
        assert own == list(range(50))


def test_a_killed_writer_leaves_a_tape(tmp_path: Path) -> None:
    """A writer that is killed at any moment leaves a tape that can be read and gone on with."""
    path = tmp_path / "t"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER.replace("range(50)", "range(10**9)"), str(path), "x"]
    )
    while not path.exists() or path.stat().st_size < 100_000:
        assert writer.poll() is None
    writer.kill()
    writer.wait()
    count = len(read_tape(path).entries)
    assert count >= 10
    TapeWriter(path).append(entry(0))
    assert len(read_tape(path).entries) == count + 1
