"""The machine as a run records it, and as a diagnosis shows it."""

from coopbench.harness.machine.cpu import CpuFacts, cpu_facts
from coopbench.harness.machine.findings import Finding, state_findings, tuning_findings
from coopbench.harness.machine.pmu import PmuStatus, probe_pmu
from coopbench.harness.machine.state import MachineState, machine_state, pyperf_metadata
from coopbench.harness.machine.tuning import tuning_hints
from coopbench.harness.record import Machine


def conditions() -> Machine:
    """Read the measuring conditions of this machine; takes about half a second."""
    cpu, state, pmu = cpu_facts(), machine_state(), probe_pmu()
    return machine_record(cpu, state, pmu, pyperf_metadata())


def machine_findings() -> tuple[Finding, ...]:
    """Return everything there is to say about this machine, with remedies."""
    found = state_findings(cpu_facts(), machine_state(), probe_pmu())
    return (*found, *tuning_findings(tuning_hints()))


def machine_record(
    cpu: CpuFacts, state: MachineState, pmu: PmuStatus, metadata: dict[str, object]
) -> Machine:
    """Put readings together; `metadata` is pyperf's and fills in what they lack."""
    named = metadata.get("cpu_model_name") or metadata.get("cpu_machine")
    findings = state_findings(cpu, state, pmu)
    return Machine(
        arch=cpu.arch,
        cpu_model=cpu.model_name or (str(named) if named else None),
        logical_cpus=cpu.logical_cpus,
        kernel=cpu.kernel,
        hypervisor=cpu.hypervisor,
        governor=state.governor,
        turbo=state.turbo,
        smt=state.smt,
        aslr=state.aslr,
        memory_bytes=state.memory_bytes,
        load_1min=state.load_1min,
        pmu=pmu.works,
        fingerprint=cpu.fingerprint,
        warnings=tuple(f.message for f in findings if f.status != "ok"),
    )
