"""`coopbench suite add` and `suite check`: read or scaffold a manifest, check, keep what was found."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from coopbench.harness.compose import LIMITS, open_hall
from coopbench.harness.errors import UsageError
from coopbench.harness.model import Target
from coopbench.suites.external.check import Checked, Checker
from coopbench.suites.external.load import UnfitError, load_program
from coopbench.suites.external.manifest import MANIFEST, Excluded
from coopbench.suites.external.suite import ExternalSuite, applies, open_manifest
from coopbench.suites.external.write import by_hand, write_excluded, write_scaffold
from coopbench.suites.readers.c_sources import plain_name
from coopbench.suites.readers.scaffold import Wish, scaffold

OLDER = "gnu89"
"""Standard that is tried on programs that do not build as gnu17: old ones are K&R C."""
Tell = Callable[[str], None]


@dataclass(frozen=True)
class AddOptions:
    """What the user wants of `add` and `check`."""

    size: str | None = None
    targets: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    """Only these; all if empty."""
    limit_s: float = LIMITS.wall_s
    unsafe: bool = False
    wish: Wish = field(default_factory=Wish)
    manifest: Path | None = None
    """Where a scaffolded manifest goes; default: into the folder itself."""


@dataclass(frozen=True)
class Outcome:
    """What a check found."""

    suite: str
    manifest: Path
    size: str
    checked: tuple[Checked, ...]
    excluded: tuple[Excluded, ...]
    """Every program that is left out now, on a target if only there."""

    @property
    def good(self) -> tuple[str, ...]:
        """Names of the programs that are fit on every target that was checked."""
        bad = {e.name for e in self.excluded}
        return tuple(sorted({c.program for c in self.checked} - bad))


def add(path: Path, options: AddOptions, tell: Tell) -> Outcome:
    """Make a suite of a folder: scaffold its manifest if it has none, check, keep exclusions.

    Args:
        path: A folder, a manifest, or a file of JSON lines.
        options: What the user wants.
        tell: Gets a line as each program is done.

    Raises:
        UsageError: if the path is wrong, or no program can be found in it.
        InfraError: if the machine fails.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist; give the folder of your download")
    file = options.manifest or (path.parent if path.is_file() else path) / MANIFEST
    if path.name == MANIFEST:
        file = path
    fresh = not file.is_file()
    if fresh:
        _scaffold(path, file, options, tell)
    suite = open_manifest(file, options.size)
    outcome = check(suite, options, tell, again=True)
    if fresh:
        outcome = _retried(suite, outcome, options, tell)
    kept = [e for e in _recorded(file) if e.name not in {c.program for c in outcome.checked}]
    write_excluded(file, [*kept, *(e for e in outcome.excluded if e.pitfall != "by hand")])
    return outcome


def check(suite: ExternalSuite, options: AddOptions, tell: Tell, *, again: bool = False) -> Outcome:
    """Build, run and verify the programs of a suite.

    Args:
        suite: What to check.
        options: Which programs, targets and limits.
        tell: Gets a line as each program is done.
        again: Also check programs that an earlier check excluded, not only the good ones.

    Raises:
        UsageError: if the checkout is not there, or a program is unknown.
        InfraError: if the machine fails.
    """
    manifest = suite.manifest
    _ = suite.place  # a checkout that is not there is told before minutes of preparation
    unknown = sorted(set(options.programs) - set(manifest.programs))
    if unknown:
        raise UsageError(f"suite {suite.name!r} has no program {unknown[0]!r}")
    fixed = _by_hand(suite) if again else [e for e in manifest.excluded if applies(e, manifest)]
    left_out = {e.name for e in fixed if not e.target}
    names = [n for n in (options.programs or sorted(manifest.programs)) if n not in left_out]
    found: list[Checked] = []
    with open_hall(suite, options.targets, b"", unsafe=options.unsafe) as hall:
        limits = replace(LIMITS, wall_s=options.limit_s, cpu_s=options.limit_s)
        checker = Checker(hall, limits)
        for name in names:
            found += _checked(suite, name, checker, hall.targets, tell)
    here = [e for e in fixed if e.name in (options.programs or manifest.programs)]
    excluded = (*here, *_merged(found, suite, [t.name for t in hall.targets]))
    return Outcome(suite.name, suite.path, manifest.size, tuple(found), excluded)


def counts(outcome: Outcome) -> list[dict[str, object]]:
    """Return how many programs built, ran and gave the same results, by target and compiler."""
    tally: dict[tuple[str, str], Counter[str]] = {}
    for one in outcome.checked:
        for arm in one.verified:
            tally.setdefault((one.target, arm), Counter())["verified"] += 1
    tried = Counter(one.target for one in outcome.checked)
    return [
        {
            "target": target,
            "compiler": arm,
            "verified": number["verified"],
            "programs": tried[target],
        }
        for (target, arm), number in tally.items()
    ]


def _checked(
    suite: ExternalSuite, name: str, checker: Checker, targets: Sequence[Target], tell: Tell
) -> list[Checked]:
    try:
        benchmark = load_program(name, suite.manifest, suite.place)
    except UnfitError as e:
        found = Excluded(name=name, pitfall=e.pitfall, why=str(e))
        tell(f"{name}: {e.pitfall}: {e}")
        return [Checked(name, t.name, excluded=found) for t in targets]
    results = []
    for target in targets:
        one = checker.check(benchmark, target)
        results.append(one)
        tell(describe(one))
    return results


def describe(one: Checked) -> str:
    """Return a result in one line."""
    head = f"{one.program} on {one.target}"
    if one.excluded is not None:
        return f"{head}: {one.excluded.pitfall}: {one.excluded.why}"
    time = f", {1e3 * one.cpu_s:.1f} ms" if one.cpu_s is not None else ""
    return f"{head}: good, {len(one.verified)} builds agree on {one.inputs} inputs{time}"


def _merged(
    found: Iterable[Checked], suite: ExternalSuite, targets: Sequence[str]
) -> tuple[Excluded, ...]:
    """Return exclusions: one without a target if a program failed on all."""
    by_program: dict[str, list[Excluded]] = {}
    for one in found:
        if one.excluded is not None:
            by_program.setdefault(one.program, []).append(one.excluded)
    merged: list[Excluded] = []
    for name, all_of in by_program.items():
        entry = suite.manifest.programs[name]
        size = entry.size or suite.manifest.size
        some = len(all_of) < len(targets)
        for why in all_of if some else all_of[:1]:
            target = why.target if some else ""
            merged.append(why.model_copy(update={"size": size, "target": target}))
    return tuple(merged)


def _scaffold(path: Path, file: Path, options: AddOptions, tell: Tell) -> None:
    made = scaffold(path, options.wish)
    root = path.parent if path.is_file() else path
    size = options.size or ("ref" if "ref" in made.sizes else made.sizes[0])
    if size not in made.sizes:
        raise UsageError(f"no size {size!r} in {path}; found: {', '.join(made.sizes)}")
    raw = {
        "format": 1,
        "name": plain_name(root.resolve().name),
        "title": root.resolve().name,
        "licence": options.wish.licence or "see the checkout",
        "root": os.path.relpath(root.resolve(), file.absolute().parent),
        "size": size,
        "programs": {
            name: entry if size in entry["sizes"] else {**entry, "size": next(iter(entry["sizes"]))}
            for name, entry in made.programs.items()
        },
    }
    write_scaffold(file, raw)
    tell(f"wrote {file}: {len(made.programs)} programs of the form {made.form!r}")


def _retried(suite: ExternalSuite, outcome: Outcome, options: AddOptions, tell: Tell) -> Outcome:
    """Try programs that do not build once more, as older C; keep that where it helps."""
    import tomllib

    failed = [e.name for e in outcome.excluded if e.pitfall == "does not build"]
    if not failed:
        return outcome
    tell(f"{len(failed)} programs do not build as gnu17; trying {OLDER}")
    raw = tomllib.loads(by_hand(suite.path))
    for name in failed:
        raw["programs"][name]["std"] = OLDER
    write_scaffold(suite.path, raw)
    older = open_manifest(suite.path, options.size)
    second = check(older, replace(options, programs=tuple(failed)), tell, again=True)
    still = {e.name for e in second.excluded}
    for name in still:
        raw["programs"][name].pop("std", None)
    write_scaffold(suite.path, raw)
    first = [c for c in outcome.checked if c.program not in failed]
    rest = [e for e in outcome.excluded if e.name not in failed]
    return replace(outcome, checked=(*first, *second.checked), excluded=(*rest, *second.excluded))


def _by_hand(suite: ExternalSuite) -> list[Excluded]:
    return [e for e in suite.manifest.excluded if e.pitfall == "by hand"]


def _recorded(file: Path) -> list[Excluded]:
    return [e for e in open_manifest(file).manifest.excluded if e.pitfall != "by hand"]
