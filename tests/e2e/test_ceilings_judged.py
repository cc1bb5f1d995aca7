"""Expert versions before the referee: each is right on every target, or it shows nothing."""

import secrets
from collections.abc import Iterator

import pytest

from coopbench.harness.base import Level
from coopbench.harness.compose import Hall, open_hall
from coopbench.harness.model import Candidate
from coopbench.harness.suite import find_suite
from coopbench.suites.ceilings import FOLDER, with_ceiling

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def hall() -> Iterator[Hall]:
    """Return all curated benchmarks on the default targets, with a fresh secret."""
    with open_hall(find_suite("curated"), (), secrets.token_bytes(16), unsafe=False) as made:
        yield made


def expert(hall: Hall, name: str) -> Candidate:
    """Return the expert version of a benchmark."""
    main = "kernel.c" if hall.benchmark(name).is_kernel else "main.c"
    text = (FOLDER / f"{name}.c").read_text("utf-8")
    return Candidate(benchmark=name, level=Level.C, files={main: text}, made_by="expert")


@pytest.mark.parametrize("name", with_ceiling())
def test_an_expert_version_is_right(hall: Hall, name: str) -> None:
    """Every rung of the ladder passes on every target, and the code is not the original's."""
    for target in hall.targets:
        referee = hall.referee(name, target)
        examined = referee.examine(expert(hall, name))
        assert examined.verdict.passed, f"{target.name}: {examined.verdict.reason}"
        assert not referee.is_baseline(examined)
