"""`coopbench list …` and `coopbench show`: what is known."""

from typing import Annotated

import typer

from coopbench.harness.cli import backends
from coopbench.harness.cli.options import (
    DEFAULT_STORE,
    Backend,
    ConfigFile,
    Json,
    Store,
    SuiteName,
    Tape,
    Targets,
    model_options,
)

listing = typer.Typer(no_args_is_help=True, help="List what is known.")
listing.command("backends")(backends.list_backends)


@listing.command("benchmarks")
def list_benchmarks(  # noqa: PLR0913 - one parameter per option
    *,
    suite: SuiteName = "starter",
    tag: Annotated[list[str] | None, typer.Option(help="With this tag (repeatable).")] = None,
    room: Annotated[
        list[str] | None, typer.Option(help="With room at this level: c, ir, asm (repeatable).")
    ] = None,
    group: Annotated[list[str] | None, typer.Option(help="core, traps or controls.")] = None,
    float_: Annotated[
        list[str] | None, typer.Option("--float", help="Float policy: none, exact, ulp, norm.")
    ] = None,
    kind: Annotated[list[str] | None, typer.Option(help="kernel or program.")] = None,
    least_ms: Annotated[
        float | None, typer.Option(help="One call lasts at least so long, by the store's runs.")
    ] = None,
    most_ms: Annotated[float | None, typer.Option(help="One call lasts at most so long.")] = None,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """List the benchmarks of a suite."""
    from coopbench.harness.cli import catalogue

    filters = catalogue.Filters(
        tags=tuple(tag or ()),
        rooms=tuple(room or ()),
        groups=tuple(group or ()),
        floats=tuple(float_ or ()),
        kinds=tuple(kind or ()),
        least_ms=least_ms,
        most_ms=most_ms,
    )
    catalogue.benchmarks(suite, filters, store, json=json)


@listing.command("entrants")
def list_entrants(
    *,
    target: Targets = None,
    backend: Backend = None,
    config: ConfigFile = None,
    tape: Tape = None,
    json: Json = False,
) -> None:
    """List the entrants, and whether each can take part here."""
    from coopbench.harness.cli import show

    models = model_options(config, backend, tape, None, None)
    show.entrants(tuple(target or ()), models, json=json)


@listing.command("targets")
def list_targets(*, json: Json = False) -> None:
    """List the targets, and how each is run here."""
    from coopbench.harness.cli import show

    show.targets(json=json)


@listing.command("runs")
def list_runs(*, store: Store = DEFAULT_STORE, json: Json = False) -> None:
    """List the stored runs."""
    from coopbench.harness.cli import show

    show.runs(store, json=json)


def show_benchmark(
    *,
    benchmark: Annotated[str, typer.Argument(help="Name of a benchmark.")],
    suite: Annotated[
        str, typer.Option("--suite", help="Name of an installed suite, or a folder.")
    ] = "curated",
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Show a benchmark: its contract, its inputs, and what is known of it."""
    from coopbench.harness.cli import catalogue

    catalogue.benchmark(benchmark, suite, store, json=json)
