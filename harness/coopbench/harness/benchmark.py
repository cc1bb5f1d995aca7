"""A benchmark: the folder with `benchmark.toml` and C sources, loaded and validated."""

import difflib
import hashlib
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from coopbench.harness.base import Frozen, Level
from coopbench.harness.contract import Contract
from coopbench.harness.errors import UsageError
from coopbench.harness.foreign import Foreign

PRESETS = ("test", "small", "ref")

M = TypeVar("M", bound=Frozen)


class StdinSource(Frozen):
    """Where a program's standard input comes from, by kind and size."""

    kind: Literal["none", "words", "json", "numbers", "bytes", "lines", "graph", "csv", "doubles"]
    """`words`: text with a Zipf-like vocabulary; `json`: a nested document; `numbers`: one
    integer a line; `bytes`: random bytes; `lines`: random printable lines; `graph`: the
    numbers of vertices and edges, then an edge a line: from, to, length; `csv`: records of
    comma-separated fields; `doubles`: numbers of 64 bits in binary."""
    size: str = "0"
    """Approximate length in bytes (expression over the preset's values)."""


class ProgramInterface(Frozen):
    """How a program benchmark is run: argv and standard input to standard output."""

    argv: tuple[str, ...] = ()
    """Arguments; `{name}` is replaced by the preset's value, `{seed}` by the input's seed."""
    stdin: StdinSource = StdinSource(kind="none")
    output: Literal["bytes", "tokens", "exit", "pattern"] = "bytes"
    """`bytes`: the output must be equal; `tokens`: numbers may differ by `tolerance` or
    `absolute`; `exit`: only the exit status counts; `pattern`: the program checks itself, and
    every run must print what `pattern` matches."""
    tolerance: float = 0.0
    """Relative."""
    absolute: float = 0.0
    pattern: str = ""
    """Regular expression, searched line by line."""
    capture: Literal["stdout", "stderr", "both"] = "stdout"
    """What counts as the output; with `both`, standard output comes first."""
    libm: bool = False


class Manifest(Frozen):
    """Contents of `benchmark.toml`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["kernel", "program"]
    title: str
    group: Literal["core", "traps", "controls"] = "core"
    why: str
    """Why the benchmark is in the suite, in one or two sentences."""
    room: tuple[Level, ...] = ()
    """Levels at which an optimizer can gain over clang -O3."""
    room_note: str = ""
    """What can be gained there, and why clang -O3 does not take it."""
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ("kernel.c",)
    """Files an entrant may rewrite."""
    contract: Contract | None = None
    program: ProgramInterface | None = None
    sizes: dict[Literal["test", "small", "ref"], dict[str, int]]
    """Scalar values (kernel) or named values (program) of each preset."""
    hidden: dict[str, tuple[int, int]] = Field(default_factory=dict)
    """Range from which hidden tests draw each free scalar; default 0 to twice `small`."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.kind == "kernel") != (self.contract is not None):
            raise ValueError("a kernel needs [contract], a program must not have one")
        if (self.kind == "program") != (self.program is not None):
            raise ValueError("a program needs [program], a kernel must not have one")
        missing = [p for p in PRESETS if p not in self.sizes]
        if missing:
            raise ValueError(f"sizes lacks {', '.join(missing)}")
        if self.contract is not None:
            free = {
                p.name for p in self.contract.scalars if p.fixed is None and not p.type.is_float
            }
            for preset, values in self.sizes.items():
                unknown = set(values) - free
                if unknown:
                    raise ValueError(
                        f"sizes.{preset} names unknown parameter {sorted(unknown)[0]!r}"
                    )
        return self


class Benchmark:
    """A loaded benchmark folder.

    Args:
        root: The folder.
        manifest: The validated `benchmark.toml`.
        files: Name to text of every rewritable source.
        foreign: What else belongs to a program whose sources lie in another project.
    """

    def __init__(
        self,
        root: Path,
        manifest: Manifest,
        files: dict[str, str],
        foreign: Foreign | None = None,
    ) -> None:
        self.root = root
        self.manifest = manifest
        self.files = files
        self.foreign = foreign

    @property
    def name(self) -> str:
        """Unique name in its suite."""
        return self.manifest.name

    @property
    def contract(self) -> Contract:
        """The kernel's contract (only for kernels)."""
        if self.manifest.contract is None:
            raise AssertionError(f"{self.name} is a program")
        return self.manifest.contract

    @property
    def is_kernel(self) -> bool:
        """True for a kernel, False for a program."""
        return self.manifest.kind == "kernel"

    @cached_property
    def digest(self) -> str:
        """SHA-256 over manifest and sources: the benchmark's identity in results."""
        h = hashlib.sha256(self.manifest.model_dump_json().encode())
        for name in sorted(self.files):
            h.update(f"\0{name}\0{self.files[name]}".encode())
        for part in self.foreign.identity() if self.foreign is not None else ():
            h.update(b"\0" + part)
        return h.hexdigest()


def load_benchmark(root: Path) -> Benchmark:
    """Load and validate one benchmark folder.

    Raises:
        UsageError: naming the file, the key and the remedy.
    """
    path = root / "benchmark.toml"
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{root} is no benchmark: it has no benchmark.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise UsageError(f"{path}: not valid TOML: {e}") from None
    manifest = parse_model(Manifest, raw, str(path))
    files = {}
    for name in manifest.sources:
        source = root / name
        if source.resolve().parent != root.resolve():
            raise UsageError(f"{path}: source {name!r} must lie in the benchmark's own folder")
        try:
            files[name] = source.read_text("utf-8")
        except FileNotFoundError:
            raise UsageError(f"{path}: source file {name!r} does not exist") from None
    return Benchmark(root, manifest, files)


def parse_model(model: type[M], raw: dict[str, Any], where: str) -> M:
    """Validate `raw` against `model`, with one readable message for the first mistake."""
    try:
        return model.model_validate(raw)
    except UsageError as e:
        raise UsageError(f"{where}: {e}") from None
    except ValidationError as e:
        first = min(e.errors(), key=lambda error: error["type"] != "extra_forbidden")
        place = ".".join(str(p) for p in first["loc"]) or "top level"
        if first["type"] == "extra_forbidden":
            hint = _near(str(first["loc"][-1]), model)
            raise UsageError(f"{where}: unknown key {place!r}{hint}") from None
        message = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{where}: {place}: {message}") from None


def _near(key: str, model: type[Frozen]) -> str:
    known: set[str] = set()
    todo: list[Any] = [model.model_json_schema()]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            known |= set(node.get("properties", {}))
            todo.extend(node.values())
        elif isinstance(node, list):
            todo.extend(node)
    close = difflib.get_close_matches(key, sorted(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
