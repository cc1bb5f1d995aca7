"""Makes the manifest of a run: what is planned, on what machine, with which tools."""

import hashlib
import secrets
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from coopbench.harness.compose import Hall
from coopbench.harness.model import PROTOCOL_VERSION
from coopbench.harness.optimizer import Optimizer
from coopbench.harness.record import EntrantRecord, Plan, RunRecord, Unavailable


def new_record(
    plan: Plan, hall: Hall, entrants: Mapping[str, Optimizer], secret: bytes
) -> RunRecord:
    """Return the manifest of a run that is about to begin."""
    now = datetime.now(UTC)
    return RunRecord(
        id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        protocol_version=PROTOCOL_VERSION,
        program_version=version("coopbench"),
        created_at=now.timestamp(),
        plan=plan,
        machine=hall.machine,
        toolchains=hall.toolchains,
        sandbox=hall.sandbox.info.description,
        benchmarks=tuple(hall.benchmark_record(name) for name in plan.benchmarks),
        entrants=tuple(
            EntrantRecord(
                name=n,
                version=entrants[n].version,
                kind=entrants[n].kind,
                description=entrants[n].description,
            )
            for n in plan.entrants
        ),
        unavailable=(*hall.unavailable, *_refusals(plan, hall, entrants)),
        secret_sha256=hashlib.sha256(secret).hexdigest(),
        command=tuple(Path(a).name if i == 0 else a for i, a in enumerate(sys.argv)),
    )


def _refusals(plan: Plan, hall: Hall, entrants: Mapping[str, Optimizer]) -> Iterator[Unavailable]:
    """Say which entrants cannot take part, those with one reason in one breath."""
    by_reason: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for name in plan.entrants:
        reasons: dict[str, list[str]] = {}
        for target in plan.targets:
            why = hall.refused(entrants[name], target)
            if why is not None:
                reasons.setdefault(why, []).append(target.name)
        for why, targets in reasons.items():
            by_reason.setdefault((why, tuple(targets)), []).append(name)
    for (why, on), names in by_reason.items():
        yield Unavailable(
            what=f"{', '.join(names)} on {' and '.join(on)}",
            why=why,
            remedy="see `coopbench list entrants`",
        )
