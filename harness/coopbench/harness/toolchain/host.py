"""The host's processor, and the named targets that can be judged on it."""

import difflib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.errors import UsageError
from coopbench.harness.model import Target
from coopbench.harness.toolchain.cache import content_key
from coopbench.harness.toolchain.compilers import ARCHES, Arch

HOST = "host"
_CPUINFO = Path("/proc/cpuinfo")
_V2 = frozenset({"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"})
_V3 = _V2 | {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"}


@dataclass(frozen=True)
class _Named:
    """A target by name; the processor flags it needs are Linux's (psABI levels for x86-64)."""

    name: str
    arch: Arch
    march: str
    needs: frozenset[str] = frozenset()


_TARGETS = (
    _Named("x86-64-v1", "x86_64", "x86-64"),
    _Named("x86-64-v2", "x86_64", "x86-64-v2", _V2),
    _Named("x86-64-v3", "x86_64", "x86-64-v3", _V3),
    _Named("x86-64-host", "x86_64", "native"),
    _Named("armv8-a", "aarch64", "armv8-a"),
    _Named("aarch64-host", "aarch64", "native"),
)


@dataclass(frozen=True)
class Host:
    """The machine the program runs on."""

    arch: Arch
    flags: frozenset[str]
    """Processor features as Linux names them."""
    cpu: str
    """Hash over the processor's model and features: what `-march=native` depends on."""


def read_host(machine: str | None = None, cpuinfo: Path = _CPUINFO) -> Host:
    """Return the host.

    Args:
        machine: Name of the architecture as `uname -m` gives it; default: this machine's.
        cpuinfo: Linux's description of the processors.

    Raises:
        UsageError: if it is neither x86-64 nor AArch64.
    """
    machine = os.uname().machine if machine is None else machine
    arch = next((a for a in ARCHES if a == {"arm64": "aarch64"}.get(machine, machine)), None)
    if arch is None:
        raise UsageError(f"CoopBench runs on x86-64 and AArch64 hosts, not on {machine}")
    facts = _first_processor(cpuinfo)
    flags = frozenset(facts.get("flags", facts.get("Features", "")).split())
    model = [facts.get(key, "") for key in ("vendor_id", "cpu family", "model", "stepping")]
    model += [facts.get(key, "") for key in ("CPU implementer", "CPU part", "CPU variant")]
    return Host(arch, flags, content_key(arch, model, sorted(flags))[:16])


def targets(host: Host) -> tuple[Target, ...]:
    """Return the targets that can be judged on this host, native ones first."""
    usable = [_target(named, host) for named in _TARGETS if _obstacle(named, host) is None]
    return tuple(sorted(usable, key=lambda target: target.emulated))


def find_target(name: str, host: Host) -> Target:
    """Return the target of that name; `host` means the host's own processor.

    Raises:
        UsageError: if there is none or the host cannot judge it, with the nearest name.
    """
    wanted = f"{'x86-64' if host.arch == 'x86_64' else host.arch}-host" if name == HOST else name
    named = next((named for named in _TARGETS if named.name == wanted), None)
    if named is None:
        known = [*(target.name for target in targets(host)), HOST]
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise UsageError(f"no target {name!r}; known here: {', '.join(known)}{hint}")
    obstacle = _obstacle(named, host)
    if obstacle is not None:
        usable = ", ".join(target.name for target in targets(host))
        raise UsageError(f"target {name!r} cannot be judged here: {obstacle}; use one of {usable}")
    return _target(named, host)


def _target(named: _Named, host: Host) -> Target:
    return Target(
        name=named.name, arch=named.arch, march=named.march, emulated=named.arch != host.arch
    )


def _obstacle(named: _Named, host: Host) -> str | None:
    if named.arch != host.arch:
        return "it means another architecture's host" if named.march == "native" else None
    missing = sorted(named.needs - host.flags)
    return f"this processor lacks {', '.join(missing)}" if missing else None


def _first_processor(cpuinfo: Path) -> dict[str, str]:
    try:
        text = cpuinfo.read_text("utf-8", "replace")
    except OSError:
        return {}
    block = re.split(r"\n\s*\n", text.strip(), maxsplit=1)[0]
    pairs = (line.partition(":") for line in block.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}
