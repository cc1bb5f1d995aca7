"""The manifest of a suite of other people's programs: `suite.toml`.

It says how the programs in a checkout are built, run and checked; none of their code is in it.
Paths are relative to the checkout (`root`), those of drivers to the manifest's own folder.
"""

import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from coopbench.harness.base import Frozen
from coopbench.harness.benchmark import StdinSource, parse_model
from coopbench.harness.errors import UsageError
from coopbench.harness.model import Recipe
from coopbench.harness.toolchain.policy import recipe_objection

MANIFEST = "suite.toml"
Pitfall = Literal[
    "missing file",
    "missing header",
    "does not build",
    "reads the clock",
    "forbidden",
    "does not terminate",
    "fails",
    "wrong output",
    "not deterministic",
    "differs by compiler",
    "no work left",
    "too short",
    "start-up bound",
    "too long",
    "by hand",
]
"""Why a program may be excluded, in the order in which it is looked for."""
_DEFINE = re.compile(r"[A-Za-z_]\w*(?:\([\w, ]*\))?(?:=[^/\n]*)?")
_LIBRARIES = frozenset({"m", "c"})
"""What the static C library holds; nothing else can be linked."""


class Preset(Frozen):
    """One size of a program."""

    defines: tuple[str, ...] = ()
    """Macros of the whole build, `NAME` or `NAME=VALUE`; another size is another executable."""
    argv: tuple[str, ...] | None = None
    """Default: the program's."""
    stdin: str | None = None
    """File that is the standard input."""
    values: dict[str, int] = Field(default_factory=dict)
    """Named values for `argv` of a program whose inputs are generated."""
    reference: str | None = None
    """File with the expected output; a last line `exit N` is the exit status. A file that is one
    hexadecimal digest stands for the output that has it."""
    sha256: str | None = None
    """Of the expected output, if it is not kept as a file."""
    exit_code: int | None = None


class ProgramEntry(Frozen):
    """One program of a suite."""

    title: str = ""
    why: str = ""
    licence: str = ""
    """Default: the suite's."""
    root: str = ""
    """The program's own root below the suite's."""
    rewritable: tuple[str, ...]
    """Sources that an entrant may rewrite."""
    protected: tuple[str, ...] = ()
    """Sources that are compiled as they are: driver, timer, verifier."""
    drivers: tuple[str, ...] = ()
    """Protected sources that lie beside the manifest."""
    stand_ins: tuple[str, ...] = ()
    """Headers beside the manifest in place of those that a configure script would make."""
    include: tuple[str, ...] = ()
    """Folders searched for headers, beside each source's own."""
    headers: tuple[str, ...] = ()
    """Headers that the sources include by a macro, so that they cannot be found by reading."""
    defines: tuple[str, ...] = ()
    std: str = "gnu17"
    """Language standard."""
    flags: tuple[str, ...] = ()
    """Dialect flags that the sources need, e.g. `-fno-strict-aliasing`."""
    libraries: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    """Arguments. With named values in the sizes, `{name}` and `{seed}` are replaced: inputs are
    generated, so hidden ones exist."""
    stdin: StdinSource = StdinSource(kind="none")
    """Generated standard input."""
    data: tuple[str, ...] = ()
    """Data files; the program finds each by its plain name in its working folder, `/`."""
    record: str | None = None
    """`FILE#LINE` of JSON lines that hold the program and its inputs."""
    cases: str | None = None
    """Folder with pairs of inputs and expected outputs."""
    replay: bool = False
    """Many inputs are run by one process; for programs that read standard input."""
    clock: Literal["forbidden", "stopped"] = "forbidden"
    """`stopped`: a program that times itself reads zero; what it prints is then always the same."""
    capture: Literal["stdout", "stderr", "both"] = "stdout"
    comparator: Literal["bytes", "tokens", "digest", "exit", "pattern"] = "bytes"
    """`digest`: bytes of which only the SHA-256 is known."""
    tolerance: float = Field(default=0.0, ge=0)
    absolute: float = Field(default=0.0, ge=0)
    pattern: str = ""
    dump: bool = False
    """The program prints its results with `printf` or `fprintf`; their bits are digested in place
    of being formatted, so that the timed build is the verified one."""
    float_policy: Literal["exact", "relative", "none"] = "exact"
    """What results with floating point may differ by; `relative` needs tokens and a tolerance."""
    sizes: dict[str, Preset] = Field(default_factory=lambda: {"ref": Preset()})
    hidden: dict[str, tuple[int, int]] = Field(default_factory=dict)
    """Range from which hidden tests draw each named value."""
    size: str | None = None
    """Size in use, if it is not the suite's."""

    @property
    def generated(self) -> bool:
        """Whether inputs are made from seeds."""
        return self.stdin.kind != "none" or any(p.values for p in self.sizes.values())

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problem = next((why for applies, why in self._objections() if applies), None)
        if problem is not None:
            raise ValueError(problem)
        return self

    def _objections(self) -> tuple[tuple[object, str], ...]:
        defines = [*self.defines, *(d for p in self.sizes.values() for d in p.defines)]
        bad = next((d for d in defines if not _DEFINE.fullmatch(d)), None)
        flags = Recipe(frontend=(*self.flags, f"-std={self.std}"))
        foreign = sorted(set(self.libraries) - _LIBRARIES)
        paths = (*self.rewritable, *self.protected, *self.drivers, *self.stand_ins, *self.data)
        outside = next((p for p in paths if _leaves(p)), None)
        missing = {"test", "small", "ref"} - set(self.sizes)
        return (
            (not self.rewritable, "rewritable names no source; name those that may be rewritten"),
            (bad, f"define {bad!r} is not NAME or NAME=VALUE"),
            (recipe_objection(flags), f"{recipe_objection(flags)} (flags and std)"),
            (foreign, f"library {foreign[:1]} cannot be linked: only the C library is there"),
            (outside, f"{outside!r} must be a relative path without `..`"),
            (not self.sizes, "sizes is empty; give one"),
            (self.comparator == "pattern" and not self.pattern, "comparator pattern needs pattern"),
            (self.pattern and not _compiles(self.pattern), "pattern is no regular expression"),
            (
                self.float_policy == "relative" and self.comparator != "tokens",
                "float_policy relative needs comparator tokens",
            ),
            (self.generated and missing, f"generated inputs need sizes {sorted(missing)}"),
            (self.replay and self.capture != "stdout", "a replayed program's output is stdout"),
            (self.replay and self.generated, "a replayed program has stored inputs"),
        )


class Excluded(Frozen):
    """A program that is left out, and why."""

    name: str
    pitfall: Pitfall
    why: str
    size: str = ""
    """Size at which it was found."""
    target: str = ""


class SourcePackage(Frozen):
    """A source package of Debian, of a fixed upstream version."""

    version: str
    """Upstream version; any Debian revision of it has the same upstream archive."""
    archive: str
    """Name of the upstream archive."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of the archive."""


class SuiteManifest(Frozen):
    """Contents of `suite.toml`."""

    format: Literal[1] = 1
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    title: str = ""
    licence: str = Field(min_length=1)
    """Of the programs, as SPDX expression or in words."""
    origin: str = ""
    """Where a user gets them."""
    root: str = "."
    """The checkout: relative to this file, absolute, or `@cache/NAME` for what `coopbench suite
    fetch` unpacks."""
    size: str = "ref"
    """Size in use."""
    packages: dict[str, SourcePackage] = Field(default_factory=dict)
    """What `coopbench suite fetch` gets, by source package."""
    programs: dict[str, ProgramEntry]
    excluded: tuple[Excluded, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, entry in self.programs.items():
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise ValueError(f"program {name!r}: a name has only a-z, 0-9 and _")
            size = entry.size or self.size
            if size not in entry.sizes:
                known = ", ".join(entry.sizes)
                raise ValueError(f"program {name!r} has no size {size!r}; it has {known}")
        return self


def read_manifest(path: Path, size: str | None = None) -> SuiteManifest:
    """Read a manifest; `[defaults]` is what every program has unless it says otherwise.

    Args:
        path: The file.
        size: Size to use in place of the manifest's, for programs and suite.

    Raises:
        UsageError: naming the file, the key and the remedy.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except OSError as e:
        raise UsageError(f"cannot read {path}: {e.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise UsageError(f"{path}: not valid TOML: {e}") from None
    return parse_model(SuiteManifest, _with_defaults(raw, size, path), str(path))


def _with_defaults(raw: dict[str, Any], size: str | None, path: Path) -> dict[str, Any]:
    defaults = raw.pop("defaults", {})
    programs = raw.get("programs", {})
    if not isinstance(defaults, dict) or not isinstance(programs, dict):
        raise UsageError(f"{path}: defaults and programs must be tables")
    merged = {}
    for name, entry in programs.items():
        if not isinstance(entry, dict):
            raise UsageError(f"{path}: programs.{name} must be a table")
        merged[name] = {**defaults, **entry}
        sizes = merged[name].get("sizes", {"ref": {}})
        if isinstance(sizes, dict) and size in sizes:
            merged[name].pop("size", None)
    return {**raw, "programs": merged} | ({"size": size} if size is not None else {})


def _leaves(path: str) -> bool:
    pure = PurePosixPath(path)
    return pure.is_absolute() or ".." in pure.parts


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
