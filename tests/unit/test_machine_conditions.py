"""What is read of the machine: stable facts, changing state, and what to do about it."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from coopbench.harness.machine import pmu as pmu_module
from coopbench.harness.machine.conditions import conditions, machine_findings, machine_record
from coopbench.harness.machine.cpu import CpuFacts, cpu_facts
from coopbench.harness.machine.findings import Finding, state_findings, tuning_findings
from coopbench.harness.machine.pmu import PmuStatus, judge_perf_output, probe_pmu
from coopbench.harness.machine.state import MachineState, machine_state, pyperf_metadata
from coopbench.harness.machine.tuning import TuningHint, parse_hints, tuning_hints

X86 = """processor\t: {n}
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 143
model name\t: Intel(R) Xeon(R)
stepping\t: 8
cpu MHz\t\t: {mhz}
flags\t\t: fpu lm avx2 {extra}
bogomips\t: {mhz}
"""
ARM = """processor\t: {n}
BogoMIPS\t: 50.00
Features\t: fp asimd aes
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x3
CPU part\t: {part}
CPU revision\t: 1
"""
QUIET = MachineState(
    governor="performance",
    turbo=False,
    smt=False,
    aslr=2,
    memory_bytes=2**34,
    load_1min=0.1,
    steal_share=0.0,
    usable_cpus=4,
    busy_siblings=(),
)
CPU = CpuFacts(
    arch="x86_64",
    identity=("model=143",),
    model_name="Xeon",
    flags=("avx2",),
    caches=("1 Data 48K",),
    logical_cpus=4,
    hypervisor=True,
    kernel="6.1",
)
PMU = PmuStatus(works=True, detail="instruction counters work", remedy="")


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def x86(root: Path, mhz: str = "2000.0", extra: str = "", kernel: str = "6.1.0") -> Path:
    cores = "\n".join(X86.format(n=n, mhz=mhz, extra=extra) for n in range(4))
    cache = "sys/devices/system/cpu/cpu0/cache/index0"
    return write(
        root,
        {
            "proc/cpuinfo": cores + "\n",
            "proc/sys/kernel/osrelease": f"{kernel}\n",
            f"{cache}/level": "1\n",
            f"{cache}/type": "Data\n",
            f"{cache}/size": "48K\n",
        },
    )


def test_x86_facts(tmp_path: Path) -> None:
    """Model, flags, caches, CPUs and the absence of a hypervisor are read from the kernel."""
    facts = cpu_facts(x86(tmp_path))
    assert facts.model_name == "Intel(R) Xeon(R)"
    assert facts.identity == (
        "cpu family=6",
        "model=143",
        "stepping=8",
        "vendor_id=GenuineIntel",
    )
    assert facts.flags == ("avx2", "fpu", "lm")
    assert facts.caches == ("1 Data 48K",)
    assert facts.logical_cpus == 4
    assert facts.hypervisor is False
    assert facts.kernel == "6.1.0"


def test_arm_facts_of_unlike_cores(tmp_path: Path) -> None:
    """An Arm machine has no model name; both kinds of its cores are part of its identity."""
    cores = [ARM.format(n=n, part=p) for n, p in enumerate(("0xd0c", "0xd0c", "0xd40"))]
    facts = cpu_facts(write(tmp_path, {"proc/cpuinfo": "\n".join(cores)}))
    assert facts.model_name is None
    assert {"CPU part=0xd0c", "CPU part=0xd40"} <= set(facts.identity)
    assert facts.flags == ("aes", "asimd", "fp")
    assert facts.logical_cpus == 3
    assert facts.hypervisor is None


@pytest.mark.parametrize(
    "files",
    [{"sys/class/dmi/id/sys_vendor": "QEMU\n"}, {"sys/hypervisor/type": "xen\n"}],
)
def test_hypervisor_beyond_the_flag(tmp_path: Path, files: dict[str, str]) -> None:
    """Where the processor does not tell, firmware and kernel are asked."""
    assert cpu_facts(write(tmp_path, files)).hypervisor is True


def test_nothing_readable(tmp_path: Path) -> None:
    """A machine that tells nothing gives unknowns, not errors."""
    facts = cpu_facts(tmp_path)
    state = machine_state(tmp_path)
    assert (facts.model_name, facts.flags, facts.hypervisor) == (None, (), None)
    assert facts.logical_cpus >= 1
    assert (state.governor, state.turbo, state.smt, state.aslr) == (None, None, None, None)
    assert machine_record(facts, state, PMU, {}).cpu_model is None
    assert machine_record(facts, state, PMU, {"cpu_model_name": "Z"}).cpu_model == "Z"


def test_fingerprint_ignores_clocks_and_sees_features(tmp_path: Path) -> None:
    """Clock readings never change the fingerprint; features, kernel and CPUs do."""
    base = cpu_facts(x86(tmp_path / "a")).fingerprint
    assert cpu_facts(x86(tmp_path / "b", mhz="3511.7")).fingerprint == base
    assert cpu_facts(x86(tmp_path / "c", extra="avx512f")).fingerprint != base
    assert cpu_facts(x86(tmp_path / "d", extra="hypervisor")).fingerprint != base
    assert cpu_facts(x86(tmp_path / "e", kernel="6.2.0")).fingerprint != base
    for change in ({"logical_cpus": 5}, {"caches": ()}, {"identity": ()}, {"arch": "aarch64"}):
        assert replace(CPU, **change).fingerprint != CPU.fingerprint
    assert replace(CPU, model_name="other").fingerprint == CPU.fingerprint


def test_fingerprint_of_this_machine_repeats() -> None:
    """Two readings of one machine agree, however its clock moved in between."""
    assert cpu_facts().fingerprint == conditions().fingerprint


@pytest.mark.parametrize(
    ("files", "turbo"),
    [
        ({"intel_pstate/no_turbo": "0\n"}, True),
        ({"intel_pstate/no_turbo": "1\n"}, False),
        ({"cpufreq/boost": "1\n"}, True),
        ({"cpufreq/boost": "0\n"}, False),
        ({"cpufreq/boost": "\n"}, None),
    ],
)
def test_turbo(tmp_path: Path, files: dict[str, str], turbo: bool | None) -> None:
    """Turbo is read from either driver's switch."""
    cpu = tmp_path / "sys/devices/system/cpu"
    write(cpu, files)
    assert machine_state(tmp_path).turbo is turbo


def test_governors_and_aslr(tmp_path: Path) -> None:
    """Differing governors are all named; ASLR is the kernel's number."""
    files = {
        f"sys/devices/system/cpu/cpu{n}/cpufreq/scaling_governor": f"{g}\n"
        for n, g in enumerate(("powersave", "performance", "powersave"))
    }
    files["proc/sys/kernel/randomize_va_space"] = "1\n"
    state = machine_state(write(tmp_path, files))
    assert state.governor == "performance,powersave"
    assert state.aslr == 1


def test_busy_sibling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With SMT on, a busy CPU counts only if it shares its core."""
    monkeypatch.setattr("psutil.cpu_percent", lambda interval, percpu: [3.0, 97.0, 99.0])
    cpu = "sys/devices/system/cpu"
    siblings = {0: "0-1", 1: "0-1", 2: "2"}
    files = {f"{cpu}/cpu{n}/topology/thread_siblings_list": s for n, s in siblings.items()}
    write(tmp_path, {**files, f"{cpu}/smt/active": "1\n"})
    assert machine_state(tmp_path).busy_siblings == (1,)
    write(tmp_path, {f"{cpu}/smt/active": "0\n"})
    assert machine_state(tmp_path).busy_siblings == ()


def test_quiet_machine_has_no_warnings() -> None:
    """A well set-up machine draws no warning."""
    assert {f.status for f in state_findings(CPU, QUIET, PMU)} == {"ok"}
    assert machine_record(CPU, QUIET, PMU, {}).warnings == ()


@pytest.mark.parametrize(
    ("change", "name", "detail"),
    [
        ({"governor": "powersave"}, "frequency governor", "powersave"),
        ({"governor": "performance,powersave"}, "frequency governor", "powersave"),
        ({"turbo": True}, "turbo", "on"),
        ({"load_1min": 0.51}, "load", "0.51"),
        ({"steal_share": 0.02}, "hypervisor", "2.00% of CPU time stolen"),
        ({"busy_siblings": (1,), "smt": True}, "SMT", "CPU 1 is busy"),
        ({"usable_cpus": 1}, "usable CPUs", "only one"),
        ({"aslr": 0}, "address randomization", "level 0"),
    ],
)
def test_each_disturbance_is_one_warning(change: dict[str, object], name: str, detail: str) -> None:
    """Each disturbance gives exactly one warning, with what was found and a remedy."""
    state = replace(QUIET, **change)  # type: ignore[arg-type]
    (finding,) = [f for f in state_findings(CPU, state, PMU) if f.status != "ok"]
    assert finding.name == name
    assert detail in finding.detail
    assert finding.remedy
    assert machine_record(CPU, state, PMU, {}).warnings == (finding.message,)


def test_missing_counters_are_a_warning() -> None:
    """A machine without counters says so in the run's manifest."""
    status = PmuStatus(works=False, detail="none", remedy="get some")
    machine = machine_record(CPU, QUIET, status, {})
    assert machine.pmu is False
    assert machine.warnings == ("hardware counters: none; get some",)


@pytest.mark.parametrize(
    ("code", "stderr", "works", "detail"),
    [
        (0, "208316,,instructions:u,1,100.00,,", True, "work"),
        (0, "warning: x\n208316,,instructions,1,100.00,,", True, "work"),
        (0, "<not supported>,,instructions:u,0,100.00,,", False, "no instruction counters"),
        (0, "<not counted>,,instructions:u,0,0.00,,", False, "status 0"),
        (255, "Error:\nAccess ... consider perf_event_paranoid", False, "paranoid is 4"),
        (255, "No permission to enable instructions event.", False, "paranoid is 4"),
        (2, "WARNING: perf not found for kernel 6.1", False, "perf not found for kernel"),
        (1, "", False, "no output"),
    ],
)
def test_perf_output(tmp_path: Path, code: int, stderr: str, works: bool, detail: str) -> None:
    """Only a number counts as a working counter; each other answer is explained."""
    root = write(tmp_path, {"proc/sys/kernel/perf_event_paranoid": "4\n"})
    status = judge_perf_output(code, stderr, root)
    assert status.works is works
    assert detail in status.detail
    assert bool(status.remedy) is not works


def fake_perf(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "perf"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_probe_runs_perf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe asks the perf on PATH for user-space instructions."""
    fake_perf(tmp_path, 'echo "$*" >&2; echo "12345,,instructions:u,1,100.00,," >&2', monkeypatch)
    assert probe_pmu().works
    fake_perf(tmp_path, 'echo "perf: cannot" >&2; exit 3', monkeypatch)
    assert "status 3: perf: cannot" in probe_pmu().detail


def test_probe_without_perf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without perf the remedy is to install it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    status = probe_pmu()
    assert not status.works
    assert "not installed" in status.detail


def test_probe_of_a_hanging_perf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A perf that hangs or cannot be executed is a finding, not a failure."""
    monkeypatch.setattr(pmu_module, "_TIMEOUT_S", 0.2)
    fake_perf(tmp_path, "exec sleep 30", monkeypatch)
    assert "could not run" in probe_pmu().detail
    (tmp_path / "perf").write_bytes(b"\x7fELF nonsense")
    assert "could not run" in probe_pmu().detail


PYPERF = """Show the system configuration

System state
============

CPU: use 2 logical CPUs: 0-1
ASLR: Full randomization

Advices
=======

Perf event: Set max sample rate to 1
CPU scaling governor: Use CPU scaling governor 'performance'

Warnings
========

Turbo Boost (MSR): Failed to read MSR

Run "python -m pyperf system tune" to tune the system configuration to run benchmarks
"""


def test_hints_are_the_advice_only() -> None:
    """Of pyperf's output the advice is kept, not its state or its own troubles."""
    assert parse_hints(PYPERF) == (
        TuningHint("Perf event", "Set max sample rate to 1"),
        TuningHint("CPU scaling governor", "Use CPU scaling governor 'performance'"),
    )
    assert parse_hints("OK! System ready for benchmarking") == ()


def test_tuning_findings() -> None:
    """No advice is good news; checks that cannot run are missing, not good news."""
    hint = TuningHint("ASLR", "Enable it")
    (finding,) = tuning_findings((hint,))
    assert (finding.status, finding.name, finding.remedy) == ("warn", "ASLR", "Enable it")
    assert [f.status for f in tuning_findings(())] == ["ok"]
    assert [f.status for f in tuning_findings(None)] == ["missing"]


def test_pyperf_itself_is_understood() -> None:
    """The installed pyperf's checks run and end in findings; its metadata has the load."""
    assert tuning_hints() is not None
    assert isinstance(pyperf_metadata()["load_avg_1min"], float)


def test_pyperf_that_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pyperf there are no hints, and nothing fails."""
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    assert tuning_hints() is None
    monkeypatch.setattr(sys, "executable", "/bin/true")
    assert tuning_hints() is None
    monkeypatch.setitem(sys.modules, "pyperf", None)
    assert pyperf_metadata() == {}


def test_this_machine_can_be_described() -> None:
    """On any Linux machine the diagnosis gives each check once and storable conditions."""
    found = machine_findings()
    names = [f.name for f in found if f.area == "machine"]
    assert len(names) == len(set(names)) == 9
    assert all(isinstance(f, Finding) and f.detail for f in found)
    machine = conditions()
    assert type(machine).model_validate_json(machine.model_dump_json()) == machine
    assert machine.logical_cpus == os.cpu_count()


def test_importing_is_cheap() -> None:
    """Neither pyperf nor psutil is loaded before conditions are asked for."""
    code = (
        "import sys, coopbench.harness.machine.conditions as c;"
        "sys.exit(bool({'pyperf', 'psutil'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
