"""The folder of a file box: requests, answers and refused answers, by name.

A request `0001-c-1a2b3c4d` (number, role, begin of its key) is the files
`0001-c-1a2b3c4d.request.md` for people and `.request.json` for programs. Its answer is
`.response.md` or `.response.json` beside it. An answer that is refused is moved to
`.refused-1.md` (or `.json`), with the reason in `.refused-1.why.txt`.
"""

import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from coopbench.agents.backends.model import Request
from coopbench.agents.backends.render import as_json, as_text
from coopbench.agents.backends.reply import MAX_BYTES, Reply, parse_object, parse_reply
from coopbench.harness.locks import file_lock

KEY_DIGITS = 16
"""How much of a key an answer quotes."""

_NAME = re.compile(r"(?P<number>\d{4,})-(?P<role>[a-z0-9_]+)-(?P<key>[0-9a-f]{8})\.request\.json")
_KEY_LINE = re.compile(r"\W*key\W+([0-9a-fA-F]+)\W*", re.ASCII | re.IGNORECASE)


class Noted(BaseModel):
    """What the box itself reads of a `.request.json`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str
    role: str
    step: str
    scope: str


@dataclass(frozen=True)
class Slot:
    """A request in a box, and the names that belong to it."""

    folder: Path
    stem: str
    key: str

    def file(self, ending: str) -> Path:
        """Return the path of one of its files."""
        return self.folder / f"{self.stem}.{ending}"

    @property
    def responses(self) -> tuple[Path, ...]:
        """Where its answer may lie."""
        return self.file("response.md"), self.file("response.json")

    @property
    def refusals(self) -> tuple[Path, ...]:
        """The notes why answers were refused, oldest first."""
        found = self.folder.glob(f"{self.stem}.refused-*.why.txt")
        return tuple(sorted(found, key=lambda p: (len(p.name), p.name)))


def put(folder: Path, request: Request, key: str) -> Slot:
    """Write a request, unless it is in the box already.

    Raises:
        OSError: if the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with file_lock(folder / ".lock"):
        slot = _find(folder, key)
        if slot is None:
            role = re.sub(r"[^a-z0-9_]", "_", request.role.lower()) or "any"
            slot = Slot(folder, f"{_next_number(folder):04}-{role}-{key[:8]}", key)
        # JSON last: it makes the request count, so that a kill in between leaves no half of one.
        for ending, text in (
            ("request.md", _for_people(request, slot)),
            ("request.json", as_json(request, key)),
        ):
            if not slot.file(ending).exists():
                _write(slot.file(ending), text)
    return slot


def slots(folder: Path) -> Iterator[tuple[Slot, Noted | None]]:
    """Iterate over the requests of a box in order; None stands for one that cannot be read."""
    for path in sorted(folder.glob("*.request.json"), key=_number):
        if _NAME.fullmatch(path.name) is not None:
            noted = _noted(path)
            stem = path.name.removesuffix(".request.json")
            yield Slot(folder, stem, noted.key if noted else ""), noted


def read_response(path: Path, key: str) -> Reply | str:
    """Return an answer, or in one line why it is refused.

    Raises:
        OSError: if it cannot be read.
    """
    # A pipe or a device must not hang us.
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return "it is no regular file"
        with open(fd, "rb", closefd=False) as file:
            data = file.read(MAX_BYTES + 1)
    finally:
        os.close(fd)
    if len(data) > MAX_BYTES:
        return f"it is longer than {MAX_BYTES} bytes"
    return _read_json(data, key) if path.suffix == ".json" else _read_markdown(data, key)


def refuse(slot: Slot, path: Path, why: str) -> None:
    """Move an answer aside and note why.

    Raises:
        OSError: if the folder cannot be written.
    """
    number = 1
    while slot.file(f"refused-{number}.why.txt").exists():
        number += 1
    _write(slot.file(f"refused-{number}.why.txt"), f"{path.name} was refused: {why}\n")
    path.rename(slot.file(f"refused-{number}{path.suffix}"))


def _noted(path: Path) -> Noted | None:
    try:
        return Noted.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _find(folder: Path, key: str) -> Slot | None:
    for path in folder.glob(f"*-{key[:8]}.request.json"):
        noted = _noted(path)
        if noted is not None and noted.key == key:
            return Slot(folder, path.name.removesuffix(".request.json"), key)
    return None


def _number(path: Path) -> int:
    match = _NAME.fullmatch(path.name)
    return int(match["number"]) if match else 0


def _next_number(folder: Path) -> int:
    return max(map(_number, folder.glob("*.request.json")), default=0) + 1


def _read_json(data: bytes, key: str) -> Reply | str:
    fields = parse_object(data)
    if isinstance(fields, str):
        return fields
    quoted = fields.pop("key", None)
    return _key_problem(quoted, key) or parse_reply(fields)


def _read_markdown(data: bytes, key: str) -> Reply | str:
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as e:
        return f"not UTF-8 at byte {e.start}"
    first, _, rest = text.lstrip("\n").partition("\n")
    match = _KEY_LINE.fullmatch(first)
    if match is None:
        return f"its first line is not `key: {key}`"
    if not rest.strip():
        return "nothing follows the line with the key"
    return _key_problem(match[1], key) or Reply(text=rest)


def _key_problem(quoted: object, key: str) -> str | None:
    if not isinstance(quoted, str):
        return f"it quotes no key; the request's is {key}"
    if quoted.lower() != key:
        return f"it quotes the key {quoted[:80]}, the request's is {key}: an answer to another one?"
    return None


def _for_people(request: Request, slot: Slot) -> str:
    return f"""\
# Request {slot.stem}

Who asks: `{request.role}`, {request.step}, of {request.scope}

To answer, write a file `{slot.stem}.response.md` into this folder. Its first line must be

    key: {slot.key}

and everything after that line is taken as the answer, at most {request.max_tokens} tokens long.
Write it under another name and rename it when it is finished: an unfinished file may be taken as
it is. A program may write `{slot.stem}.response.json` instead:
`{json.dumps({"key": slot.key, "text": "…"}, ensure_ascii=False)}`, and if it wants `stop`
(`end`, `length`, `refusal`, `context`), `usage` and `model`. An answer that is refused is moved
aside with a note that says why.

All that follows is the request.

---

{as_text(request)}"""


def _write(path: Path, text: str) -> None:
    """Write a file at once and whole, also if the machine stops."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    with scratch.open("wb") as file:
        file.write(text.encode("utf-8", "replace"))
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
