"""Programs that read standard input, with pairs of inputs and expected outputs.

Two forms: JSON lines, one program a line with its tests; and folders that hold a C file and
files whose names pair up (`1.in` and `1.out`, `input_3.txt` and `output_3.txt`).
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coopbench.harness.errors import UsageError

CODE_KEYS = ("c_code", "code", "source", "src", "program")
TEST_KEYS = ("tests", "test_cases", "unittests", "cases", "io")
_INPUT = re.compile(r"(?<![a-z])(?:input|in)(?![a-z])")
_OUTPUTS = ("output", "out", "ans", "expected")


@dataclass(frozen=True)
class Pair:
    """An input and what the program must print for it."""

    label: str
    input: bytes
    output: bytes


@dataclass(frozen=True)
class Record:
    """A program of a file of JSON lines."""

    name: str
    code: str
    pairs: tuple[Pair, ...]


def read_records(path: Path) -> tuple[Record, ...]:
    """Return the programs of a file of JSON lines.

    A line is an object with the C text under one of `CODE_KEYS`, and tests under one of
    `TEST_KEYS` (a list of objects with `input` and `output`), or lists `inputs` and `outputs`.

    Raises:
        UsageError: naming the file, the line and what it lacks.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as e:
        raise UsageError(f"cannot read {path}: {e.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text") from None
    return tuple(
        _record(path, number, line) for number, line in enumerate(lines, 1) if line.strip()
    )


def read_record(root: Path, place: str) -> Record:
    """Return the program at `FILE#LINE`.

    Raises:
        UsageError: if there is none.
    """
    name, _, number = place.rpartition("#")
    path = root / name
    if not number.isdigit():
        raise UsageError(f"record {place!r} is not FILE#LINE")
    try:
        with path.open(encoding="utf-8") as file:
            for at, line in enumerate(file, 1):
                if at == int(number):
                    return _record(path, at, line)
    except OSError as e:
        raise UsageError(f"cannot read {path}: {e.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text") from None
    raise UsageError(f"{path} has no line {number}")


def pairs_in(folder: Path) -> tuple[Pair, ...]:
    """Return the pairs in a folder and those below it, in order of their names.

    Raises:
        UsageError: if there is none, or the folder does not exist.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder")
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        partner = _partner(folder, path)
        if partner is not None:
            label = str(path.relative_to(folder))
            found.append(Pair(label, path.read_bytes(), partner.read_bytes()))
    if not found:
        raise UsageError(f"{folder} has no pairs such as 1.in and 1.out")
    return tuple(found)


def _partner(folder: Path, path: Path) -> Path | None:
    """Return the file with the output for an input: the same path with `out` in place of `in`."""
    relative = path.relative_to(folder).as_posix()
    if _INPUT.search(relative.lower()) is None:
        return None
    for word in _OUTPUTS:
        other = folder / _INPUT.sub(word, relative)
        if other != path and other.is_file():
            return other
    return None


def _record(path: Path, number: int, line: str) -> Record:
    where = f"{path}, line {number}"
    try:
        raw = json.loads(line)
    except json.JSONDecodeError as e:
        raise UsageError(f"{where}: not JSON: {e.msg}") from None
    if not isinstance(raw, dict):
        raise UsageError(f"{where}: not an object")
    code = next((raw[k] for k in CODE_KEYS if isinstance(raw.get(k), str)), None)
    if code is None:
        raise UsageError(f"{where}: no C text under any of {', '.join(CODE_KEYS)}")
    pairs = tuple(
        Pair(f"line {number} input {i}", given.encode(), expected.encode())
        for i, (given, expected) in enumerate(_tests(raw, where))
    )
    if not pairs:
        raise UsageError(f"{where}: no inputs under any of {', '.join(TEST_KEYS)}")
    return Record(str(raw.get("name") or raw.get("id") or f"line{number}"), code, pairs)


def _tests(raw: dict[str, Any], where: str) -> list[tuple[str, str]]:
    tests = next((raw[k] for k in TEST_KEYS if isinstance(raw.get(k), list)), None)
    if tests is not None:
        pairs = [(t.get("input"), t.get("output")) for t in tests if isinstance(t, dict)]
    elif isinstance(raw.get("inputs"), list) and isinstance(raw.get("outputs"), list):
        if len(raw["inputs"]) != len(raw["outputs"]):
            raise UsageError(f"{where}: {len(raw['inputs'])} inputs, {len(raw['outputs'])} outputs")
        pairs = list(zip(raw["inputs"], raw["outputs"], strict=True))
    else:
        pairs = []
    texts = [(a, b) for a, b in pairs if isinstance(a, str) and isinstance(b, str)]
    if len(texts) != len(pairs):
        raise UsageError(f"{where}: an input or output is no text")
    return texts
