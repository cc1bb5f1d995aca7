"""The machine's changing state: frequency control, load and what else disturbs measuring."""

import os
from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.machine.cpu import ROOT, read_text

_CPU = "sys/devices/system/cpu"
_BUSY_SAMPLE_S = 0.2


@dataclass(frozen=True)
class MachineState:
    """A reading of the state; None means the machine does not tell."""

    governor: str | None
    """Frequency governor, or all of them joined by commas if cores differ."""
    turbo: bool | None
    smt: bool | None
    aslr: int | None
    memory_bytes: int
    load_1min: float | None
    steal_share: float | None
    """Share of CPU time since boot that the hypervisor gave to others."""
    usable_cpus: int
    """CPUs this process may run on (affinity, containers)."""
    busy_siblings: tuple[int, ...]
    """CPUs that are busy and share their core with another CPU."""


def machine_state(root: Path = ROOT) -> MachineState:
    """Read the state; takes 0.2 s where SMT is on (siblings are watched), else milliseconds."""
    import psutil  # here, so that commands that measure nothing do not load it

    smt = _flag(root / _CPU / "smt/active")
    aslr = read_text(root / "proc/sys/kernel/randomize_va_space")
    times = psutil.cpu_times()
    steal: float | None = getattr(times, "steal", None)
    return MachineState(
        governor=_governor(root),
        turbo=_turbo(root),
        smt=smt,
        aslr=int(aslr) if aslr and aslr.isdecimal() else None,
        memory_bytes=psutil.virtual_memory().total,
        load_1min=_load(),
        steal_share=steal / (sum(times) or 1.0) if steal is not None else None,
        usable_cpus=len(os.sched_getaffinity(0)),
        busy_siblings=_busy_siblings(root) if smt else (),
    )


def pyperf_metadata() -> dict[str, object]:
    """Return what pyperf knows about this machine (its keys), empty if it cannot tell."""
    try:
        import pyperf  # here, because it is slow to import

        return dict(pyperf.Run([1.0]).get_metadata())
    except (ImportError, OSError, ValueError):
        return {}


def _load() -> float | None:
    try:
        return os.getloadavg()[0]
    except OSError:
        return None


def _governor(root: Path) -> str | None:
    paths = root.glob(f"{_CPU}/cpu[0-9]*/cpufreq/scaling_governor")
    return ",".join(sorted({text for p in paths if (text := read_text(p))})) or None


def _turbo(root: Path) -> bool | None:
    no_turbo = _flag(root / _CPU / "intel_pstate/no_turbo")
    if no_turbo is not None:
        return not no_turbo
    return _flag(root / _CPU / "cpufreq/boost")


def _flag(path: Path) -> bool | None:
    return {"0": False, "1": True}.get(read_text(path) or "")


def _busy_siblings(root: Path) -> tuple[int, ...]:
    import psutil

    busy = psutil.cpu_percent(interval=_BUSY_SAMPLE_S, percpu=True)
    shared = set()
    for cpu in range(len(busy)):
        siblings = read_text(root / _CPU / f"cpu{cpu}/topology/thread_siblings_list")
        if siblings and ("," in siblings or "-" in siblings):
            shared.add(cpu)
    return tuple(cpu for cpu, percent in enumerate(busy) if percent > 50 and cpu in shared)
