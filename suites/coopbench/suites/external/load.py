"""From a manifest to benchmarks: sources read from the user's checkout, nothing copied."""

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from coopbench.harness.benchmark import Benchmark, Manifest, ProgramInterface, parse_model
from coopbench.harness.errors import UsageError
from coopbench.harness.foreign import Foreign
from coopbench.harness.program_input import Expected, ProgramInput
from coopbench.harness.surroundings import DUMP_HEADER, shim
from coopbench.harness.toolchain.project import Project
from coopbench.suites.external.includes import find_headers
from coopbench.suites.external.manifest import Pitfall, Preset, ProgramEntry, SuiteManifest
from coopbench.suites.readers.expected import reference_digest, split_reference
from coopbench.suites.readers.stdin_pairs import Pair, pairs_in, read_record

BESIDE = "beside_the_manifest"
"""Folder in the tree for what lies beside the manifest."""
PRESETS = ("test", "small", "ref")


class UnfitError(Exception):
    """A program that cannot be loaded, and the pitfall it is."""

    def __init__(self, pitfall: Pitfall, why: str) -> None:
        super().__init__(why)
        self.pitfall = pitfall


@dataclass(frozen=True)
class Place:
    """Where a suite's files lie."""

    folder: Path
    """The manifest's."""
    root: Path
    """The checkout's."""


@dataclass(frozen=True)
class _Sources:
    rewritable: dict[str, str]
    protected: dict[str, str]
    project: Project


def load_program(name: str, suite: SuiteManifest, place: Place) -> Benchmark:
    """Return one program as a benchmark, at the size in use.

    Raises:
        UnfitError: if a file is missing or is not what the manifest says.
    """
    entry = suite.programs[name]
    preset = entry.sizes[entry.size or suite.size]
    place = replace(place, root=place.root / entry.root)
    try:
        sources = _sources(entry, preset, place)
        runs = {} if entry.generated else _runs(entry, preset, place.root)
    except OSError as e:
        missing = Path(str(e.filename)).name if e.filename else str(e)
        raise UnfitError("missing file", f"{missing}: {e.strerror} (below {place.root})") from None
    except UsageError as e:
        raise UnfitError("missing file", str(e)) from None
    foreign = Foreign(
        sources.project, sources.protected, runs, entry.replay, entry.clock == "stopped"
    )
    return Benchmark(
        place.root, _manifest(name, suite, entry, sources), sources.rewritable, foreign
    )


def _manifest(name: str, suite: SuiteManifest, entry: ProgramEntry, sources: _Sources) -> Manifest:
    output = "bytes" if entry.comparator == "digest" else entry.comparator
    interface = ProgramInterface(
        argv=entry.argv,
        stdin=entry.stdin,
        output=output,
        tolerance=entry.tolerance,
        absolute=entry.absolute,
        pattern=entry.pattern,
        capture=entry.capture,
        libm="m" in entry.libraries,
    )
    licence = entry.licence or suite.licence
    raw = {
        "name": name,
        "kind": "program",
        "title": entry.title or f"{name} of {suite.title or suite.name}",
        "why": f"{entry.why or 'A program of others.'} Licence: {licence}.",
        "tags": ("external", suite.name),
        "sources": tuple(sources.rewritable),
        "program": interface,
        "sizes": {p: entry.sizes[p].values if entry.generated else {} for p in PRESETS},
        "hidden": entry.hidden,
    }
    return parse_model(Manifest, raw, f"program {name!r}")


def _sources(entry: ProgramEntry, preset: Preset, place: Place) -> _Sources:
    folders: dict[str, str] = {}
    names = _plain_names((*entry.rewritable, *entry.protected))
    if entry.record is not None:
        rewritable = {names[entry.rewritable[0]]: read_record(place.root, entry.record).code}
    else:
        rewritable = {names[p]: _text(place.root / p) for p in entry.rewritable}
        folders |= {names[p]: posixpath.dirname(p) for p in entry.rewritable}
    protected = {names[p]: _text(place.root / p) for p in entry.protected}
    folders |= {names[p]: posixpath.dirname(p) for p in entry.protected}
    files = () if entry.record is not None else entry.rewritable
    found = find_headers(place.root, (*files, *entry.protected, *entry.headers), entry.include)
    headers = dict(found.headers)
    for path in entry.headers:
        headers[path] = (place.root / path).read_bytes()
    for path in entry.drivers:
        # names of drivers cannot meet those of the checkout's sources
        plain = f"driver_{_plain(path)}"
        protected[plain] = (place.folder / path).read_text("utf-8")
        folders[plain] = posixpath.join(BESIDE, posixpath.dirname(path))
        headers |= _beside(place, path)
        headers |= dict(_driver_headers(place, path, entry.include))
    for path in entry.stand_ins:
        headers[posixpath.join(BESIDE, path)] = (place.folder / path).read_bytes()
    made = dict.fromkeys(posixpath.join(BESIDE, posixpath.dirname(p)) for p in entry.stand_ins)
    include = (*entry.include, *made)
    forced = (DUMP_HEADER,) if entry.dump else ()
    if entry.dump:
        headers[DUMP_HEADER] = shim("dump.h").encode()
    defines = tuple(f"-D{d}" for d in (*entry.defines, *preset.defines))
    # others' warnings are not ours to read
    flags = (f"-std={entry.std}", "-w", *entry.flags, *defines)
    project = Project(tuple(sorted(headers.items())), flags, folders, include, forced)
    return _Sources(rewritable, protected, project)


def _beside(place: Place, driver: str) -> dict[str, bytes]:
    """Return the headers beside the manifest that a driver includes."""
    found = find_headers(place.folder, (driver,), ())
    return {posixpath.join(BESIDE, path): data for path, data in found.headers}


def _driver_headers(
    place: Place, driver: str, include: Sequence[str]
) -> tuple[tuple[str, bytes], ...]:
    """Return the checkout's headers that a driver includes."""
    names = re.findall(
        r'^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">]',
        (place.folder / driver).read_text("utf-8"),
        re.MULTILINE,
    )
    candidates = (posixpath.normpath(posixpath.join(i, n)) for n in names for i in include)
    present = [path for path in candidates if (place.root / path).is_file()]
    closure = find_headers(place.root, present, include).headers
    return (*closure, *((path, (place.root / path).read_bytes()) for path in present))


def _text(path: Path) -> str:
    """Return a source's text; old ones are often Latin-1, mostly in comments."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _plain_names(paths: Sequence[str]) -> dict[str, str]:
    """Return the plain name under which each source is compiled: its own, if that is unique."""
    plain = [_plain(path) for path in paths]
    return {
        path: name if plain.count(name) == 1 else _plain(path.replace("/", "__"))
        for path, name in zip(paths, plain, strict=True)
    }


def _plain(path: str) -> str:
    stem, suffix = posixpath.splitext(posixpath.basename(path))
    return re.sub(r"[^A-Za-z0-9_+-]", "_", stem) + suffix


def _runs(entry: ProgramEntry, chosen: Preset, root: Path) -> dict[str, tuple[ProgramInput, ...]]:
    """Return the stored runs by preset; sizes that need another build are the chosen one's."""
    runs = {}
    for name in PRESETS:
        preset = entry.sizes.get(name, chosen)
        same_build = preset.defines == chosen.defines
        runs[name] = _stored(entry, preset if same_build else chosen, root)
    return runs


def _stored(entry: ProgramEntry, preset: Preset, root: Path) -> tuple[ProgramInput, ...]:
    files = {f"/{Path(path).name}": (root / path).resolve(strict=True) for path in entry.data}
    argv = entry.argv if preset.argv is None else preset.argv
    pairs = _pairs(entry, root)
    if pairs:
        return tuple(
            ProgramInput(p.label, argv, p.input, files, Expected(output=p.output)) for p in pairs
        )
    stdin = b"" if preset.stdin is None else (root / preset.stdin).read_bytes()
    return (ProgramInput("stored", argv, stdin, files, _expected(entry, preset, root)),)


def _pairs(entry: ProgramEntry, root: Path) -> tuple[Pair, ...]:
    if entry.record is not None:
        return read_record(root, entry.record).pairs
    return pairs_in(root / entry.cases) if entry.cases is not None else ()


def _expected(entry: ProgramEntry, preset: Preset, root: Path) -> Expected:
    output, exit_code, digest = None, preset.exit_code, preset.sha256
    if preset.reference is not None:
        data = (root / preset.reference).read_bytes()
        output, said = split_reference(data)
        exit_code = said if exit_code is None else exit_code
        if (instead := reference_digest(data)) is not None:
            output, digest = None, instead
    if exit_code is None and entry.comparator == "exit":
        exit_code = 0
    return Expected(output, digest, exit_code)
