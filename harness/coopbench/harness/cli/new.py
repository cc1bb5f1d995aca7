"""`coopbench new`: scaffolds that can be judged as they stand."""

import re
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import typer

from coopbench.harness.errors import UsageError

new = typer.Typer(no_args_is_help=True, help="Begin something of your own.")

Kind = Literal["kernel", "program"]
FILES: dict[Kind, tuple[str, ...]] = {
    "kernel": ("benchmark.toml", "kernel.c"),
    "program": ("benchmark.toml", "main.c"),
}
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN = frozenset(
    """
    auto break case char const continue default do double else enum extern float for goto if inline
    int long register restrict return short signed sizeof static struct switch typedef union
    unsigned void volatile while main memcpy memmove memset memcmp strlen malloc calloc realloc free
    abort exit in out n
    """.split()  # noqa: SIM905 - a word list is read more easily
)
"""Words that cannot name a C function here."""


@new.command("benchmark")
def new_benchmark(
    name: Annotated[str, typer.Argument(help="Of the benchmark: lower-case letters, digits, _.")],
    *,
    kind: Annotated[
        str, typer.Option("--kind", help="kernel (a C function) or program (a whole one).")
    ] = "kernel",
    to: Annotated[
        Path, typer.Option("--to", help="Folder of your suite; made if it is not there.")
    ] = Path("benchmarks"),
) -> None:
    """Write a benchmark that runs as it stands, to be turned into your own."""
    root = scaffold(name, kind, to)
    typer.echo(f"Wrote {', '.join(p.name for p in sorted(root.iterdir()))} to {root}.")
    typer.echo(f"Try it: coopbench run {to} -b {name} -e identity")


def scaffold(name: str, kind: str, to: Path) -> Path:
    """Write a benchmark's folder into a suite's; return it.

    Raises:
        UsageError: if the name or the kind is none, the folder exists, or cannot be written.
    """
    if kind not in FILES:
        raise UsageError(f"--kind {kind!r} is unknown; give kernel or program")
    if not _NAME.fullmatch(name) or name in _TAKEN:
        raise UsageError(
            f"{name!r} cannot name a benchmark: give a word of lower-case letters, digits and _,"
            " that begins with a letter and means nothing in C"
        )
    root = to / name
    texts = {file: _filled(f"{kind}/{file}.j2", name, to) for file in FILES[kind]}
    try:
        to.mkdir(parents=True, exist_ok=True)
        root.mkdir()
        for file, text in texts.items():
            (root / file).write_text(text, "utf-8")
    except FileExistsError:
        raise UsageError(f"{root} is already there; choose another name or --to") from None
    except OSError as e:
        raise UsageError(f"cannot write {root}: {e.strerror}; choose another --to") from None
    return root


def _filled(template: str, name: str, to: Path) -> str:
    import jinja2

    text = resources.files("coopbench.harness").joinpath("scaffold", template).read_text("utf-8")
    env = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)  # noqa: S701
    return env.from_string(text).render(name=name, folder=to.as_posix())
