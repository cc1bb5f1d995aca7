"""Writes manifests: a first one as a whole, and the list of what was found unfit at the end."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomli_w

from coopbench.harness.storage_errors import storage_errors
from coopbench.suites.external.manifest import Excluded

MARK = "# Found by `coopbench suite add`; written anew each time. Yours stand above this line.\n"


def write_scaffold(path: Path, raw: dict[str, Any]) -> None:
    """Write a first manifest.

    Raises:
        InfraError: if it cannot be written.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(tomli_w.dumps(raw), "utf-8")


def write_excluded(path: Path, found: Sequence[Excluded]) -> None:
    """Replace what earlier checks found unfit by what this one did; the rest stays as it is.

    Raises:
        InfraError: if the manifest cannot be written.
    """
    own = by_hand(path)
    tables = [e.model_dump(mode="json", exclude_defaults=True) for e in found]
    # an array of tables, so that those by hand above may be of the same kind
    parts = [f"\n[[excluded]]\n{tomli_w.dumps(table)}" for table in tables]
    block = "\n" + MARK + "".join(parts) if parts else ""
    with storage_errors(path):
        path.write_text(own.rstrip("\n") + "\n" + block, "utf-8")


def by_hand(path: Path) -> str:
    """Return a manifest without what checks found."""
    return path.read_text("utf-8").partition(MARK)[0]
