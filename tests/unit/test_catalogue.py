"""The catalogue: filters, one benchmark in words, and what a store knows of it."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.report_runs import ARM, V2, RunShape, make_run

from coopbench.harness.cli.catalogue import Filters, benchmark, benchmarks
from coopbench.harness.contract_words import contract_in_words
from coopbench.harness.errors import UsageError
from coopbench.harness.known import known_of
from coopbench.harness.model import Outcome, Trial
from coopbench.harness.record import RunRecord
from coopbench.harness.store import Store
from coopbench.suites.catalog import curated

NAMES = ("gemm_ijk", "find_sub")
SHAPE = RunShape(
    entrants=(("autotune", "autotuner", 1.4), ("ceiling", "ceiling", 3.0)),
    benchmarks=NAMES,
    failures={},
    most_pairs=14,
)
List = Callable[..., list[dict[str, object]]]


def judged(shape: RunShape = SHAPE, **digests: str) -> tuple[RunRecord, tuple[Trial, ...]]:
    """Return a run over two curated benchmarks as they are, or with other digests."""
    record, trials = make_run(shape)
    known = {b.name: b.digest for b in curated().load(NAMES)} | digests
    return record.model_copy(
        update={
            "benchmarks": tuple(
                b.model_copy(update={"digest": known[b.name]}) for b in record.benchmarks
            )
        }
    ), trials


def keep(path: Path, *runs: tuple[RunRecord, tuple[Trial, ...]]) -> Path:
    """Write runs to a store."""
    with Store.open(path) as store:
        for record, trials in runs:
            store.create_run(record)
            for trial in trials:
                store.commit_trial(trial)
    return path


@pytest.fixture
def listed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> List:
    """Return a function that lists curated benchmarks as JSON."""

    def run(filters: Filters, store: Path = tmp_path / "none") -> list[dict[str, object]]:
        benchmarks("curated", filters, store, json=True)
        found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
        return found

    return run


@pytest.mark.parametrize(
    ("filters", "key", "accept"),
    [
        (Filters(groups=("traps",)), "group", lambda v: v == "traps"),
        (Filters(groups=("traps", "controls")), "group", lambda v: v in ("traps", "controls")),
        (Filters(kinds=("program",)), "kind", lambda v: v == "program"),
        (Filters(floats=("norm",)), "float", lambda v: v == "norm"),
        (Filters(rooms=("asm", "c")), "room", lambda v: {"asm", "c"} <= set(v)),
        (Filters(tags=("text",)), "tags", lambda v: "text" in v),
    ],
)
def test_a_filter_lists_what_has_it_and_nothing_else(
    listed: List, filters: Filters, key: str, accept: Callable[[object], bool]
) -> None:
    """What is listed is exactly what an unfiltered list has of that kind."""
    every = listed(Filters())
    found = listed(filters)
    assert found
    assert found == [row for row in every if accept(row[key])]
    assert len(found) < len(every)


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (Filters(tags=("texst",)), "--tag: unknown name 'texst'; did you mean 'text'"),
        (Filters(rooms=("d",)), "--room: unknown name 'd'"),
        (Filters(floats=("exakt",)), "did you mean 'exact'"),
        (Filters(most_ms=1.0), "times are known only from runs"),
    ],
)
def test_a_filter_that_cannot_match_is_refused(listed: List, filters: Filters, said: str) -> None:
    """A misspelt word, or a time that nobody measured, is an error and no empty list."""
    with pytest.raises(UsageError, match=said):
        listed(filters)


def test_times_come_from_a_store(listed: List, tmp_path: Path) -> None:
    """Limits on time keep what a run has timed within them, and drop what nobody has timed."""
    store = keep(tmp_path / "s", judged())
    times = {row["name"]: row["ms"] for row in listed(Filters(least_ms=0.0), store)}
    assert set(times) == set(NAMES)
    low, high = sorted(float(str(t)) for t in times.values())
    assert low < high
    assert [r["ms"] for r in listed(Filters(most_ms=(low + high) / 2), store)] == [low]
    assert [r["ms"] for r in listed(Filters(least_ms=(low + high) / 2), store)] == [high]


def test_a_store_knows_the_best_and_the_ceilings(tmp_path: Path) -> None:
    """Best known is an entrant's largest verified gain; an expert's is the headroom, not the best."""
    record, trials = judged()
    store = keep(tmp_path / "s", (record, trials))
    with Store.open(store, create=False) as opened:
        known = known_of(opened, curated().load(NAMES))
    for name in NAMES:
        for target in (V2, ARM):
            for entrant, found in (
                ("autotune", known[name].best),
                ("ceiling", known[name].ceilings),
            ):
                speedups = [
                    t.measurement.speedup
                    for t in trials
                    if (t.entrant, t.benchmark, t.target) == (entrant, name, target.name)
                    and t.outcome is Outcome.FASTER
                    and t.measurement is not None
                ]
                assert [r.speedup for r in found if r.target == target.name] == speedups
                assert {r.entrant for r in found} <= {entrant}


def test_the_best_of_several_runs_is_known(tmp_path: Path) -> None:
    """The larger gain of two runs is the best known, and the later run the last admission."""
    one = judged()
    two = judged(RunShape(**{**vars(SHAPE), "seed": "other", "run_id": "second"}))
    later = (two[0].model_copy(update={"created_at": one[0].created_at + 9}), two[1])
    with Store.open(keep(tmp_path / "s", one, later), create=False) as opened:
        both = known_of(opened, curated().load(NAMES))
    every = [
        t.measurement.speedup
        for t in (*one[1], *two[1])
        if t.outcome is Outcome.FASTER
        and t.measurement is not None
        and (t.entrant, t.benchmark, t.target) == ("autotune", "gemm_ijk", ARM.name)
    ]
    best = [r.speedup for r in both["gemm_ijk"].best if r.target == ARM.name]
    assert best == [max(s for s in every if s is not None)]
    assert both["gemm_ijk"].judged is not None
    assert both["gemm_ijk"].judged.run == "second"


def test_results_of_other_sources_do_not_count(tmp_path: Path) -> None:
    """A benchmark that has changed since keeps its admission, marked so, and loses its records."""
    store = keep(tmp_path / "s", judged(gemm_ijk="0" * 64))
    with Store.open(store, create=False) as opened:
        known = known_of(opened, curated().load(NAMES))
    changed = known["gemm_ijk"]
    assert changed.judged is not None
    assert not changed.judged.same
    assert (changed.best, changed.ceilings, changed.seconds) == ((), (), None)
    assert known["find_sub"].seconds is not None


def test_show_tells_everything(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Contract, reason, room, sizes, hidden ranges, distributions, admission, headroom and best."""
    store = keep(tmp_path / "s", judged())
    benchmark("find_sub", "curated", store, json=False)
    text = capsys.readouterr().out
    b = curated().benchmark("find_sub")
    for part in (
        b.contract.prototype,
        b.manifest.why,
        b.manifest.room_note,
        "hidden tests: ",
        "the first is timed",
        "Admitted by run ",
        "of CPU time",
    ):
        assert part in text
    assert all(f"{p.name}: " in text for p in b.contract.parameters)


def test_show_as_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The same facts for programs, with numbers as numbers."""
    store = keep(tmp_path / "s", judged())
    benchmark("find_sub", "curated", store, json=True)
    facts = json.loads(capsys.readouterr().out)
    assert facts["contract"]["function"] == "find_sub"
    assert facts["judged"]["trials"] == 4
    assert math.isfinite(facts["ms"])
    assert {r["entrant"] for r in facts["ceilings"]} <= {"ceiling"}


def test_show_without_a_store(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without results everything else is shown; an unknown name is answered with the nearest."""
    benchmark("word_freq", "curated", tmp_path / "none", json=False)
    assert "Not judged in any run" in capsys.readouterr().out
    with pytest.raises(UsageError, match="did you mean 'word_freq'"):
        benchmark("word_frek", "curated", tmp_path / "none", json=False)


@pytest.mark.parametrize("name", curated().names)
def test_every_contract_has_words(name: str) -> None:
    """Every parameter of every kernel, and every program's input, is told in a line."""
    b = curated().benchmark(name)
    lines = contract_in_words(b)
    if b.is_kernel:
        begun = [line.split(":")[0] for line in lines]
        assert begun[: len(b.contract.parameters)] == [p.name for p in b.contract.parameters]
    else:
        assert any(line.startswith("standard input: ") for line in lines)
