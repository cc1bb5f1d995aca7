"""The bar on headroom: what expert versions gain over clang -O3, measured and printed."""

import math
import secrets

import pytest

from coopbench.harness.base import Level
from coopbench.harness.compose import Hall, default_targets, open_hall
from coopbench.harness.locks import measuring_lock
from coopbench.harness.measure.decision import StopRule
from coopbench.harness.model import Candidate
from coopbench.harness.suite import find_suite
from coopbench.suites.ceilings import FOLDER, with_ceiling

pytestmark = pytest.mark.perf

LEAST_CEILINGS = 16
LEAST_GEOMEAN = 2.0


def speedup(hall: Hall, name: str) -> float:
    """Return how many times faster the expert version is, in CPU time."""
    referee = hall.referee(name, hall.targets[0])
    main = "kernel.c" if hall.benchmark(name).is_kernel else "main.c"
    text = (FOLDER / f"{name}.c").read_text("utf-8")
    examined = referee.examine(
        Candidate(benchmark=name, level=Level.C, files={main: text}, made_by="expert")
    )
    assert examined.verdict.passed, f"{name}: {examined.verdict.reason}"
    session = referee.session(f"ceiling {name}", examined, StopRule(max_blocks=30), (), 0.0)
    while not session.finished:
        session.step()
    session.close()
    found = session.measurement().speedup
    assert found is not None, name
    return found


def test_expert_versions_show_room() -> None:
    """On 16 benchmarks and more, experts gain a factor of two by geometric mean."""
    names = with_ceiling()
    native = next(t.name for t in default_targets() if not t.emulated)
    with (
        measuring_lock(wait=True),
        open_hall(find_suite("curated"), (native,), secrets.token_bytes(16), unsafe=False) as hall,
    ):
        found = {name: speedup(hall, name) for name in names}
    print()
    for name, value in sorted(found.items(), key=lambda item: -item[1]):
        print(f"{name:24} {value:7.2f}x")
    geomean = math.exp(math.fsum(map(math.log, found.values())) / len(found))
    print(f"{len(found)} expert versions, geometric mean {geomean:.2f}x over clang -O3")
    assert len(found) >= LEAST_CEILINGS
    assert geomean >= LEAST_GEOMEAN
