"""A user's own C function as a benchmark: the file, its contract, and a folder to judge it in."""

import re
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from coopbench.harness.benchmark import Manifest, parse_model
from coopbench.harness.c_extract import Extract, leave_out
from coopbench.harness.errors import UsageError
from coopbench.harness.inference import Inferred, infer_contract

MAX_BYTES = 1 << 20
"""A source file larger than this is refused."""
_LOCAL_INCLUDE = re.compile(r'^\s*#\s*include\s+"([\w.+-]+)"', re.MULTILINE)


@dataclass(frozen=True)
class AdHoc:
    """A function to optimize, with its specification."""

    manifest: Manifest
    sources: dict[str, str]
    """The file as `kernel.c`, without what the function does not need, and the headers beside it
    that it includes."""
    file: Path
    """The user's file."""
    extract: Extract
    """How the file becomes whole again."""
    assumptions: tuple[str, ...] = ()
    """What was assumed of the contract; empty if the user gave it."""

    def as_given(self, sources: Mapping[str, str]) -> dict[str, str]:
        """Return a version of the sources as the user knows them: the whole file, by its name."""
        rest = {name: text for name, text in sources.items() if name != "kernel.c"}
        return {self.file.name: self.extract.whole(sources["kernel.c"]), **rest}

    def toml(self) -> str:
        """Return the specification as the text of a contract file."""
        raw = self.manifest.model_dump(mode="json", exclude_defaults=True)
        return tomli_w.dumps(_without_none(raw))

    def write(self, folder: Path) -> Path:
        """Write the benchmark into a suite's folder; return that folder."""
        root = folder / self.manifest.name
        if root.exists():
            shutil.rmtree(root)
        root.mkdir(parents=True)
        (root / "benchmark.toml").write_text(self.toml(), "utf-8")
        for name, text in self.sources.items():
            (root / name).write_text(text, "utf-8")
        return folder


def read_function(path: Path, function: str, contract: Path | None) -> AdHoc:
    """Read a function and its contract, which is guessed if none is given.

    Raises:
        UsageError: naming the file and the remedy.
    """
    text = _read(path)
    headers = _headers(path, text)
    extract = leave_out(text, function, headers.values())
    sources = {"kernel.c": extract.text, **headers}
    if contract is not None:
        return AdHoc(_given(path, function, contract, sources), sources, path, extract)
    guess = infer_contract(text, function, headers.values())
    manifest = _guessed(path, function, guess, sources)
    return AdHoc(manifest, sources, path, extract, guess.assumptions)


def _given(path: Path, function: str, contract: Path, sources: dict[str, str]) -> Manifest:
    try:
        raw = tomllib.loads(_read(contract))
    except tomllib.TOMLDecodeError as e:
        raise UsageError(f"{contract}: not valid TOML: {e}") from None
    raw = {**_frame(path, function, sources), **raw, "sources": list(sources)}
    manifest = parse_model(Manifest, raw, str(contract))
    if manifest.contract is None or manifest.contract.function != function:
        raise UsageError(f"{contract} is not the contract of {function!r}; see `function` in it")
    return manifest


def _guessed(path: Path, function: str, guess: Inferred, sources: dict[str, str]) -> Manifest:
    raw: dict[str, Any] = {
        **_frame(path, function, sources),
        "sizes": guess.sizes,
        "contract": guess.contract.model_dump(),
    }
    return parse_model(Manifest, raw, str(path))


def _frame(path: Path, function: str, sources: dict[str, str]) -> dict[str, Any]:
    name = re.sub(r"[^a-z0-9_]", "_", function.lower()).lstrip("_0123456789") or "function"
    return {
        "name": name,
        "kind": "kernel",
        "title": f"{function} of {path.name}",
        "why": "A function that a user wants faster.",
        "room": [],
        "sources": list(sources),
    }


def _headers(path: Path, text: str) -> dict[str, str]:
    """Read the headers in the file's own folder that it includes, and those they include."""
    found: dict[str, str] = {}
    todo = _LOCAL_INCLUDE.findall(text)
    while todo:
        name = todo.pop()
        header = path.parent / name
        if name in found or not header.is_file():
            continue  # a missing one is for the compiler to name
        found[name] = _read(header)
        todo += _LOCAL_INCLUDE.findall(found[name])
    return found


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is larger than {MAX_BYTES >> 20} MiB; give one source file")
        return path.read_text("utf-8-sig")
    except OSError as e:
        raise UsageError(f"cannot read {path}: {e.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text; save it as UTF-8") from None


def _without_none(value: Any) -> Any:
    """Drop what TOML cannot say."""
    if isinstance(value, dict):
        return {k: _without_none(v) for k, v in value.items() if v is not None}
    return [_without_none(v) for v in value] if isinstance(value, list) else value
