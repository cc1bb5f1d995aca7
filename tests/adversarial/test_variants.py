"""The referee against hand-written rewrites: every right one passes, every wrong one is caught."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from coopbench.harness.base import Level
from coopbench.harness.compose import Hall, open_hall
from coopbench.harness.model import Candidate, Outcome
from coopbench.harness.suite import find_suite

pytestmark = pytest.mark.e2e

VARIANTS = Path(__file__).parents[1] / "variants"
GOOD = sorted(p.relative_to(VARIANTS).as_posix() for p in VARIANTS.glob("*/good_*.c"))
BAD = sorted(p.relative_to(VARIANTS).as_posix() for p in VARIANTS.glob("*/bad_*.c"))


@pytest.fixture(scope="module")
def hall() -> Iterator[Hall]:
    """Return all curated benchmarks on one native target, with a fresh secret."""
    suite = find_suite("curated")
    with open_hall(suite, (), secrets.token_bytes(16), unsafe=False) as made:
        yield made


def examine(hall: Hall, variant: str) -> tuple[Outcome | None, str]:
    """Return the failing outcome (None: passed) and the reason for one variant."""
    name = variant.split("/", maxsplit=1)[0]
    referee = hall.referee(name, hall.targets[0])
    file = "kernel.c" if referee.benchmark.is_kernel else "main.c"
    candidate = Candidate(
        benchmark=name,
        level=Level.C,
        files={file: (VARIANTS / variant).read_text()},
        made_by="test",
    )
    verdict = referee.examine(candidate).verdict
    return verdict.outcome, verdict.reason


def test_there_are_variants_of_every_benchmark(hall: Hall) -> None:
    """Each curated benchmark has at least one right and two wrong rewrites."""
    for b in hall.suite.benchmarks:
        assert sum(g.startswith(b.name + "/") for g in GOOD) >= 1, b.name
        assert sum(x.startswith(b.name + "/") for x in BAD) >= 2, b.name


@pytest.mark.parametrize("variant", GOOD)
def test_a_right_rewrite_is_accepted(hall: Hall, variant: str) -> None:
    """No correct rewrite is rejected by any rung."""
    outcome, reason = examine(hall, variant)
    assert outcome is None, reason


@pytest.mark.parametrize("variant", BAD)
def test_a_wrong_rewrite_is_rejected(hall: Hall, variant: str) -> None:
    """Every deliberate mistake is found before timing starts."""
    outcome, reason = examine(hall, variant)
    assert outcome in {Outcome.WRONG_OUTPUT, Outcome.CRASHED, Outcome.TIMED_OUT}, reason
