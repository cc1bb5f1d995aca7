"""Options that several commands share, each with its one name and help."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from coopbench.harness.cli.models import ModelOptions

Store = Annotated[
    Path,
    typer.Option("--store", help="Folder of results.", envvar="COOPBENCH_STORE", show_default=True),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
JsonRun = Annotated[bool, typer.Option("--json", help="Print the whole run as JSON at the end.")]
SuiteName = Annotated[str, typer.Option("--suite", help="Name of an installed suite, or a folder.")]
Benchmarks = Annotated[
    list[str] | None, typer.Option("--benchmark", "-b", help="Only this benchmark (repeatable).")
]
Entrants = Annotated[
    list[str] | None, typer.Option("--entrant", "-e", help="Only this entrant (repeatable).")
]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", "-t", help="Target (repeatable); see `coopbench list targets`."),
]
Unsafe = Annotated[
    bool,
    typer.Option(
        "--unsafe-no-sandbox", help="Run candidates without a sandbox; written into the results."
    ),
]
Wait = Annotated[
    bool, typer.Option("--wait", help="Wait while another run is measuring on this machine.")
]
MaxBlocks = Annotated[
    int, typer.Option("--max-blocks", min=10, max=1000, help="Most pairs per measurement.")
]
Backend = Annotated[
    str | None,
    typer.Option(
        "--backend",
        help="Model for the LLM entrants: a name in the configuration, or e.g. anthropic:MODEL, "
        "command:PROGRAM, filebox:FOLDER.",
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration; default: ./coopbench.toml if it is there."),
]
Tape = Annotated[Path | None, typer.Option("--tape", help="File of recorded model answers.")]
TapeModeName = Annotated[
    str | None,
    typer.Option("--tape-mode", help="replay (default), record, record-missing or live."),
]
BudgetItems = Annotated[
    list[str] | None,
    typer.Option(
        "--budget",
        help="Cap per trial, e.g. model_calls=40, tokens=400000, dollars=0.25, evaluations=50, "
        "compile_seconds=300, run_seconds=300, wall_seconds=none (repeatable).",
    ),
]
DEFAULT_STORE = Path("coopbench-results")


def model_options(
    config: Path | None,
    backend: str | None,
    tape: Path | None,
    tape_mode: str | None,
    budget: list[str] | None,
) -> "ModelOptions":
    """Return the options about models as one value."""
    from coopbench.harness.cli.models import ModelOptions

    return ModelOptions(config, backend, tape, tape_mode, tuple(budget or ()))
