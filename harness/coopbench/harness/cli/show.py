"""`coopbench list …` of all but benchmarks, and `coopbench report`: print what is known, as a table or as JSON."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from coopbench.harness.cli.models import ModelOptions, configured
from coopbench.harness.cli.run import show_report, stored_run
from coopbench.harness.cli.table import print_rows
from coopbench.harness.compose import default_targets, surroundings_of
from coopbench.harness.registry import ENTRANTS, Plugins
from coopbench.harness.store import Store
from coopbench.harness.toolchain.host import find_target, read_host
from coopbench.harness.toolchain.host import targets as known_targets


def entrants(targets: tuple[str, ...], models: ModelOptions, *, json: bool) -> None:
    """List entrants with their availability per target."""
    chosen = [find_target(t, read_host()) for t in targets] or list(default_targets())
    settings = configured(models).settings
    around = {t.name: surroundings_of(t, settings) for t in chosen}
    rows: list[dict[str, object]] = []
    for e in Plugins(ENTRANTS).entrants().values():
        refused = {name: e.available(s) for name, s in around.items()}
        row: dict[str, object] = {"name": e.name, "kind": e.kind, "description": e.description}
        row |= {name: why or "yes" for name, why in refused.items()}
        rows.append(row)
    reasons = [] if json else _shortened(rows, tuple(around))
    print_rows("entrants", ("name", "kind", *around, "description"), rows, json=json)
    for number, why in enumerate(reasons, 1):
        typer.echo(f"[{number}] {why}")


def _shortened(rows: list[dict[str, object]], columns: Sequence[str]) -> list[str]:
    """Put numbers in place of the reasons in some columns, and return the reasons in their order."""
    reasons: list[str] = []
    for row in rows:
        for column in columns:
            why = str(row[column])
            if why == "yes":
                continue
            if why not in reasons:
                reasons.append(why)
            row[column] = f"no [{reasons.index(why) + 1}]"
    return reasons


def targets(*, json: bool) -> None:
    """List targets and how each is run on this machine."""
    default = {t.name for t in default_targets()}
    rows = (
        {
            "name": t.name,
            "arch": t.arch,
            "march": t.march,
            "run": "emulated" if t.emulated else "native",
            "metric": str(t.metric),
            "default": t.name in default,
        }
        for t in known_targets(read_host())
    )
    print_rows("targets", ("name", "arch", "march", "run", "metric", "default"), rows, json=json)


def runs(path: Path, *, json: bool) -> None:
    """List the runs of a store."""
    with Store.open(path, create=False) as store:
        rows = [
            {
                "id": r.id,
                "started": datetime.fromtimestamp(r.created_at, UTC).isoformat(" ", "seconds"),
                "status": r.status,
                "suite": r.plan.suite,
                "trials": len(store.done_keys(r.id)),
                "targets": [t.name for t in r.plan.targets],
            }
            for r in store.runs()
        ]
    print_rows(
        f"runs in {path}",
        ("id", "started", "status", "suite", "trials", "targets"),
        rows,
        json=json,
    )


def report(run: str, output: Path | None, path: Path, *, json: bool) -> None:
    """Write a stored run's report again."""
    with Store.open(path, create=False) as store:
        record = stored_run(store, run)
        folder = output or path / "reports" / record.id
        show_report(store, record, folder, json=json)
