"""The page of a run's programs: cost, noise, compilers and hot spots, from the stored run alone."""

import statistics
from pathlib import Path

import pytest
from tests.support.html_check import assert_self_contained, read_page
from tests.support.report_runs import ARM, V2, RunShape, make_hostile, make_run

from coopbench.harness.model import Metric
from coopbench.harness.record import HotSpot, Profile
from coopbench.reports.html.suite_page import FILE, render_suite_html
from coopbench.reports.load import load_report
from coopbench.reports.programs import program_facts
from coopbench.reports.report import Report, analyse
from coopbench.reports.write import write_reports

PROFILE = Profile(
    benchmark="matmul",
    target="armv8-a",
    instructions=7_654_321,
    hottest=(
        HotSpot(function="matmul_row", instructions=17, share=0.913),
        HotSpot(function="other", instructions=2000, share=0.084),
        HotSpot(function="rarely_used", instructions=3, share=0.003),
    ),
)


def profiled() -> Report:
    """Return the report of a run that knows one profile."""
    record, trials = make_run(RunShape(most_pairs=14))
    return analyse(load_report(record.model_copy(update={"profiles": (PROFILE,)}), trials))


@pytest.fixture(scope="module")
def report() -> Report:
    """Return that report, made once."""
    return profiled()


def test_costs_are_those_of_the_references_launches(report: Report) -> None:
    """Time per call is the median of the baseline's launches over all trials and controls."""
    native, emulated = program_facts(report)
    for facts in native:
        costs = [
            b.launches[0].value / t.measurement.reps
            for t in (*report.targets[0].data.trials, *report.targets[0].data.controls)
            if t.benchmark == facts.benchmark.name and t.measurement is not None
            for b in t.measurement.blocks
        ]
        assert facts.seconds == (statistics.median(costs) if costs else None)
    assert any(f.seconds for f in native)
    assert {f.seconds for f in emulated} == {None}
    assert {f.noise.per_pair for f in emulated} == {None}


def test_noise_is_that_of_the_program_alone(report: Report) -> None:
    """Noise and smallest visible difference are medians over that program's timed trials."""
    for facts in program_facts(report)[0]:
        here = [
            t.measurement
            for t in (*report.targets[0].data.trials, *report.targets[0].data.controls)
            if t.benchmark == facts.benchmark.name
            and t.measurement is not None
            and t.measurement.metric is Metric.CPU_SECONDS
        ]
        noises = [m.noise for m in here if m.noise is not None]
        assert facts.noise.measurements == len(noises)
        assert facts.noise.per_pair == (statistics.median(noises) if noises else None)
        assert facts.noise.controls == sum(
            t.benchmark == facts.benchmark.name and t.control == "aa"
            for t in report.targets[0].data.controls
        )


def test_only_compilers_are_told_of(report: Report) -> None:
    """Compilers and autotuners stand slowest first; null entrants are none, failures come last."""
    for facts in (f for found in program_facts(report) for f in found):
        assert {s.entrant.kind for s in facts.compilers} <= {"compiler", "autotuner"}
        known = [s.speedup for s in facts.compilers if s.speedup is not None]
        assert known == sorted(known)
        assert [s.speedup is None for s in facts.compilers] == sorted(
            s.speedup is None for s in facts.compilers
        )


def test_the_page_is_whole_and_leads_back(report: Report) -> None:
    """It is self-contained, names every program, and shows hot spots that matter and no others."""
    page = render_suite_html(report, "report.html")
    found = assert_self_contained(page, ["report.html"])
    assert "report.html" in found.references
    for b in report.data.record.benchmarks:
        assert b.title in found.text
        assert b.why in found.text
    assert "block in matmul_row" in found.text
    assert "91.3 %" in found.text
    assert "C library, driver" in found.text
    assert "rarely_used" not in found.text


def test_without_profiles_nothing_is_said_of_hot_spots() -> None:
    """An older run's page has no column and no promise of them."""
    page = render_suite_html(analyse(load_report(*make_run(RunShape(targets=(V2, ARM))))))
    assert "Where instructions go" not in page
    assert "where its instructions go" not in page
    assert_self_contained(page)


def test_the_report_leads_to_the_page(tmp_path: Path) -> None:
    """The page lies beside the report, which links to it; both are the same every time."""
    files = write_reports(*make_run(RunShape(most_pairs=12)), tmp_path)
    assert files.programs == tmp_path / FILE
    assert FILE in assert_self_contained(files.html.read_text("utf-8"), [FILE]).references
    first = files.programs.read_bytes()
    assert (
        write_reports(*make_run(RunShape(most_pairs=12)), tmp_path).programs.read_bytes() == first
    )


def test_hostile_names_stay_text() -> None:
    """Names that are markup, templates or control sequences change no tag of the page."""
    record, trials = make_hostile()
    name = record.benchmarks[0].name
    spot = HotSpot(function="</td><script>alert(2)</script>\x1b[2J", instructions=1, share=0.9)
    bad = Profile(benchmark=name, target="armv8-a", instructions=9, hottest=(spot,))
    page = render_suite_html(
        analyse(load_report(record.model_copy(update={"profiles": (bad,)}), trials))
    )
    found = read_page(page)
    assert len(found.scripts) == 1
    assert "<script>alert(2)</script>" in found.text
    assert not set("\x00\x1b\u202e\u2028") & set(page)
