"""`coopbench list benchmarks` and `coopbench show`: what the programs are, and what is known of them."""

import json as jsonlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from coopbench.harness.benchmark import Benchmark
from coopbench.harness.cli.table import print_rows
from coopbench.harness.contract_words import contract_in_words, distribution_in_words
from coopbench.harness.errors import UsageError
from coopbench.harness.known import Known, Reached, known_of
from coopbench.harness.registry import unknown_name
from coopbench.harness.store import Store
from coopbench.harness.suite import find_suite

_COLUMNS = ("name", "kind", "group", "float", "room", "title")
_NOTHING = Known(None, None, (), ())


@dataclass(frozen=True)
class Filters:
    """What a listed benchmark must have; an empty one is fulfilled by all.

    Attributes:
        tags: All of these.
        rooms: Room at all of these levels: `c`, `ir` or `asm`.
        groups: One of these.
        floats: One of these float policies; `none` where no result is a float.
        kinds: One of these.
        least_ms: One call of the reference lasts at least so long, as a store knows.
        most_ms: At most so long.
    """

    tags: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    floats: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    least_ms: float | None = None
    most_ms: float | None = None

    @property
    def timed(self) -> bool:
        """Whether times are asked for."""
        return self.least_ms is not None or self.most_ms is not None

    def accept(self, b: Benchmark, known: Known) -> bool:
        """Whether a benchmark is to be listed."""
        m = b.manifest
        one_of = ((self.groups, m.group), (self.floats, float_kind(b)), (self.kinds, m.kind))
        return (
            set(self.tags) <= set(m.tags)
            and set(self.rooms) <= {level.value for level in m.room}
            and all(not wanted or value in wanted for wanted, value in one_of)
            and self._lasts(known.seconds)
        )

    def _lasts(self, seconds: float | None) -> bool:
        if not self.timed:
            return True
        low, high = self.least_ms or 0.0, math.inf if self.most_ms is None else self.most_ms
        return seconds is not None and low <= 1e3 * seconds <= high


def benchmarks(suite: str, filters: Filters, path: Path, *, json: bool) -> None:
    """List a suite's benchmarks.

    Raises:
        UsageError: if there is no such suite, or times are asked for and no store knows them.
    """
    every = find_suite(suite).benchmarks
    _check_words(every, filters)
    known = _known(path, every, needed=filters.timed)
    chosen = [b for b in every if filters.accept(b, known.get(b.name, _NOTHING))]
    rows = [_row(b, known.get(b.name, _NOTHING)) for b in chosen]
    timed = any(row["ms"] is not None for row in rows)
    if not json:
        rows = [row | {"ms": f"{row['ms']:.3g}" if row["ms"] is not None else "-"} for row in rows]
    title = f"suite {suite}: {len(rows)} of {len(every)} benchmarks"
    print_rows(title, (*_COLUMNS[:-1], *(("ms",) if timed else ()), "title"), rows, json=json)


def benchmark(name: str, suite: str, path: Path, *, json: bool) -> None:
    """Show one benchmark, and what a store knows of it.

    Raises:
        UsageError: if the suite has no benchmark of that name.
    """
    every = {b.name: b for b in find_suite(suite).benchmarks}
    if name not in every:
        raise unknown_name(f"suite {suite!r}: benchmark", name, every)
    found = every[name]
    known = _known(path, [found], needed=False).get(name, _NOTHING)
    if json:
        typer.echo(jsonlib.dumps(_facts(found, known), indent=1, sort_keys=True))
        return
    for line in (*_about(found), "", *_history(known, path)):
        typer.echo(line)


def float_kind(b: Benchmark) -> str:
    """Return a kernel's float policy, `none` for what has no float in its signature."""
    if not b.is_kernel:
        return "none"
    used = [b.contract.returns, *(p.type for p in b.contract.parameters)]
    return b.contract.float_policy.kind if any(t and t.is_float for t in used) else "none"


def _check_words(every: Sequence[Benchmark], filters: Filters) -> None:
    """Refuse a filter that names something no benchmark of the suite has."""
    there = {
        "--tag": (filters.tags, {t for b in every for t in b.manifest.tags}),
        "--room": (filters.rooms, {"c", "ir", "asm"}),
        "--group": (filters.groups, {"core", "traps", "controls"}),
        "--float": (filters.floats, {"none", "exact", "ulp", "norm"}),
        "--kind": (filters.kinds, {"kernel", "program"}),
    }
    for option, (wanted, known) in there.items():
        for word in wanted:
            if word not in known:
                raise unknown_name(option, word, known)


def _known(path: Path, every: Sequence[Benchmark], *, needed: bool) -> dict[str, Known]:
    if not path.is_dir() and not needed:
        return {}
    try:
        store = Store.open(path, create=False)
    except UsageError as e:
        if needed:
            raise UsageError(
                f"{e}; times are known only from runs: name their --store, or leave out the"
                " limits on time"
            ) from None
        return {}
    with store:
        return known_of(store, every)


def _row(b: Benchmark, known: Known) -> dict[str, object]:
    m = b.manifest
    return {
        "name": b.name,
        "kind": m.kind,
        "group": m.group,
        "float": float_kind(b),
        "room": [level.value for level in m.room],
        "tags": list(m.tags),
        "ms": None if known.seconds is None else 1e3 * known.seconds,
        "title": m.title,
        "why": m.why,
        "digest": b.digest,
    }


def _facts(b: Benchmark, known: Known) -> dict[str, object]:
    m = b.manifest
    return {
        **_row(b, known),
        "room_note": m.room_note,
        "sources": sorted(b.files),
        "contract": m.contract.model_dump(mode="json") if m.contract else None,
        "program": m.program.model_dump(mode="json") if m.program else None,
        "in_words": list(contract_in_words(b)),
        "sizes": m.sizes,
        "hidden": m.hidden,
        "judged": asdict(known.judged) if known.judged else None,
        "ceilings": [_reached_facts(r) for r in known.ceilings],
        "best": [_reached_facts(r) for r in known.best],
    }


def _reached_facts(r: Reached) -> dict[str, object]:
    interval = r.interval.model_dump() if r.interval else None
    return asdict(r) | {"metric": r.metric.value, "interval": interval}


def _about(b: Benchmark) -> Iterator[str]:
    m = b.manifest
    yield f"{b.name}: {m.title} ({', '.join((m.kind, m.group, *m.tags))})"
    yield from ("", m.why)
    levels = ", ".join(level.value for level in m.room)
    room = f"at level {levels}. {m.room_note}" if m.room else "none known."
    yield f"Room over clang -O3: {room}"
    yield from ("", "Contract")
    if b.is_kernel:
        yield f"  {b.contract.prototype}"
    yield from (f"  {line}" for line in contract_in_words(b))
    yield from ("", "Inputs")
    for preset, values in m.sizes.items():
        yield f"  {preset}: {_sizes(values)}"
    for name, (low, high) in m.hidden.items():
        yield f"  hidden tests: {name} from {low} to {high}"
    for p in b.contract.arrays if b.is_kernel else ():
        if p.distributions:
            drawn = "; ".join(distribution_in_words(d) for d in p.distributions)
            yield f"  {p.name}: {drawn} (the first is timed)"
    yield from ("", f"Sources: {', '.join(sorted(b.files))}", f"Digest: {b.digest}")


def _sizes(values: dict[str, int]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items()) or "nothing to choose"


def _history(known: Known, path: Path) -> Iterator[str]:
    judged = known.judged
    if judged is None:
        yield f"Not judged in any run of the store {path}."
        return
    when = datetime.fromtimestamp(judged.at, UTC).isoformat(" ", "minutes")
    changed = "" if judged.same else "; it has changed since, so its results do not count here"
    yield (
        f"Admitted by run {judged.run} ({when}) on {' and '.join(judged.targets)}:"
        f" {judged.trials} trials, {judged.failed} failed{changed}."
    )
    if known.seconds is not None:
        yield f"One call of the reference: {1e3 * known.seconds:.3g} ms of CPU time."
    if not known.ceilings:
        yield "Headroom: not measured; `coopbench run --ceilings` judges expert versions, if known."
    for r in known.ceilings:
        yield f"Headroom on {r.target}: {_speedup(r)} by an expert version (run {r.run})."
    for r in known.best:
        yield f"Best known on {r.target}: {_speedup(r)} by {r.entrant} (run {r.run})."


def _speedup(r: Reached) -> str:
    unit = "fewer instructions" if r.metric.value == "instructions" else "CPU time"
    if r.interval is None or r.interval.low == r.interval.high:
        return f"{r.speedup:.2f}x ({unit})"
    return f"{r.speedup:.2f}x [{r.interval.low:.2f}, {r.interval.high:.2f}] ({unit})"
