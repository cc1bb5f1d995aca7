"""What a diagnosis found: named facts, each fine, worth a warning, or missing, with a remedy."""

from dataclasses import dataclass
from typing import Literal

from coopbench.harness.machine.cpu import CpuFacts
from coopbench.harness.machine.pmu import PmuStatus
from coopbench.harness.machine.state import MachineState
from coopbench.harness.machine.tuning import TuningHint

_AREA = "machine"
_BUSY_LOAD = 0.5
_STEAL_SHARE = 0.001


@dataclass(frozen=True)
class Finding:
    """One line of the diagnosis."""

    area: str
    """What it belongs to: `machine`, `tuning`, `toolchain`, `sandbox`…"""
    name: str
    status: Literal["ok", "warn", "missing"]
    detail: str
    """What was found."""
    remedy: str = ""
    """What to do about it; empty if nothing need be done."""

    @property
    def message(self) -> str:
        """The finding as one line."""
        return f"{self.name}: {self.detail}" + (f"; {self.remedy}" if self.remedy else "")


def state_findings(cpu: CpuFacts, state: MachineState, pmu: PmuStatus) -> tuple[Finding, ...]:
    """Judge the machine's conditions, in the order a person would read them."""
    return (
        _cpu(cpu, state),
        _cpus(state),
        _load(state),
        _steal(cpu, state),
        _governor(state),
        _turbo(state),
        _smt(state),
        _aslr(state),
        _counters(pmu),
    )


def tuning_findings(hints: tuple[TuningHint, ...] | None) -> tuple[Finding, ...]:
    """Turn pyperf's advice into findings."""
    if hints is None:
        detail = "pyperf's system checks could not run"
        remedy = "python -m pyperf system show says why"
        return (Finding("tuning", "system checks", "missing", detail, remedy),)
    if not hints:
        return (Finding("tuning", "system checks", "ok", "pyperf has no advice"),)
    return tuple(
        Finding("tuning", h.subject, "warn", "not tuned for measuring", h.advice) for h in hints
    )


def _cpu(cpu: CpuFacts, state: MachineState) -> Finding:
    memory = f"{state.memory_bytes / 2**30:.1f} GiB"
    detail = f"{cpu.model_name or 'unknown model'} ({cpu.arch}), {cpu.logical_cpus} CPUs, {memory}"
    return Finding(_AREA, "processor", "ok", detail)


def _cpus(state: MachineState) -> Finding:
    if state.usable_cpus > 1:
        return Finding(_AREA, "usable CPUs", "ok", f"{state.usable_cpus} CPUs")
    remedy = "give at least two, so that builds and the referee keep off the measuring one"
    return Finding(_AREA, "usable CPUs", "warn", "only one CPU may be used", remedy)


def _load(state: MachineState) -> Finding:
    if state.load_1min is None:
        return Finding(_AREA, "load", "missing", "the machine does not tell its load")
    detail = f"1-minute load average {state.load_1min:.2f}"
    if state.load_1min <= _BUSY_LOAD:
        return Finding(_AREA, "load", "ok", detail)
    return Finding(_AREA, "load", "warn", detail, "stop other work before measuring")


def _steal(cpu: CpuFacts, state: MachineState) -> Finding:
    if state.steal_share is None:
        return Finding(_AREA, "hypervisor", "ok", "stolen time is not reported")
    kind = {True: "a virtual machine", False: "a bare machine", None: "perhaps virtual"}
    detail = f"{kind[cpu.hypervisor]}, {state.steal_share:.2%} of CPU time stolen since boot"
    if state.steal_share <= _STEAL_SHARE:
        return Finding(_AREA, "hypervisor", "ok", detail)
    remedy = "use a machine with dedicated CPUs; blocks with stolen time are marked"
    return Finding(_AREA, "hypervisor", "warn", detail, remedy)


def _governor(state: MachineState) -> Finding:
    if state.governor is None:
        return Finding(_AREA, "frequency governor", "ok", "none is visible")
    if state.governor == "performance":
        return Finding(_AREA, "frequency governor", "ok", state.governor)
    remedy = "as root: python -m pyperf system tune"
    return Finding(_AREA, "frequency governor", "warn", state.governor, remedy)


def _turbo(state: MachineState) -> Finding:
    if state.turbo is None:
        return Finding(_AREA, "turbo", "ok", "the machine does not tell")
    if not state.turbo:
        return Finding(_AREA, "turbo", "ok", "off")
    remedy = "as root: python -m pyperf system tune; the clock then depends less on heat"
    return Finding(_AREA, "turbo", "warn", "on", remedy)


def _smt(state: MachineState) -> Finding:
    if state.busy_siblings:
        cpus = ", ".join(str(cpu) for cpu in state.busy_siblings)
        remedy = "stop that work, or as root: echo off > /sys/devices/system/cpu/smt/control"
        return Finding(_AREA, "SMT", "warn", f"CPU {cpus} is busy and shares its core", remedy)
    detail = {True: "on, siblings are idle", False: "off", None: "the machine does not tell"}
    return Finding(_AREA, "SMT", "ok", detail[state.smt])


def _aslr(state: MachineState) -> Finding:
    if state.aslr == 2:
        return Finding(_AREA, "address randomization", "ok", "full")
    detail = "unknown" if state.aslr is None else f"level {state.aslr}"
    remedy = "as root: sysctl kernel.randomize_va_space=2, so that layouts are sampled"
    return Finding(_AREA, "address randomization", "warn", detail, remedy)


def _counters(pmu: PmuStatus) -> Finding:
    status: Literal["ok", "missing"] = "ok" if pmu.works else "missing"
    return Finding(_AREA, "hardware counters", status, pmu.detail, pmu.remedy)
