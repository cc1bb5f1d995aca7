"""Whether the hardware's instruction counters can be read here, and if not, why."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.machine.cpu import ROOT, read_text

_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class PmuStatus:
    """Result of the probe."""

    works: bool
    detail: str
    remedy: str
    """Empty if it works."""


def probe_pmu(root: Path = ROOT) -> PmuStatus:
    """Count the instructions of `true` with `perf stat` and see whether a number comes back."""
    perf = shutil.which("perf")
    if perf is None:
        return PmuStatus(
            works=False, detail="perf is not installed", remedy="install linux-perf or linux-tools"
        )
    command = [perf, "stat", "-x", ",", "-e", "instructions:u", "--", "true"]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as e:
        return PmuStatus(works=False, detail=f"perf could not run: {e}", remedy="reinstall perf")
    return judge_perf_output(done.returncode, done.stderr, root)


def judge_perf_output(returncode: int, stderr: str, root: Path = ROOT) -> PmuStatus:
    """Read what `perf stat -x ,` wrote: a count, or the reason there is none."""
    line = next((text for text in stderr.splitlines() if ",instructions" in text), "")
    count = line.split(",")[0]
    if returncode == 0 and count.isdecimal():
        return PmuStatus(works=True, detail="instruction counters work", remedy="")
    if "not supported" in count:
        return PmuStatus(
            works=False,
            detail="this machine has no instruction counters (a virtual machine without a PMU?)",
            remedy="run on the bare machine or pass the PMU through; CPU time needs neither",
        )
    paranoid = read_text(root / "proc/sys/kernel/perf_event_paranoid")
    if "not permitted" in stderr or "perf_event_paranoid" in stderr or "ermission" in stderr:
        return PmuStatus(
            works=False,
            detail=f"the kernel forbids counters (perf_event_paranoid is {paranoid or 'unknown'})",
            remedy="as root: sysctl kernel.perf_event_paranoid=1",
        )
    reason = next((text.strip() for text in stderr.splitlines() if text.strip()), "no output")
    return PmuStatus(
        works=False,
        detail=f"perf failed with status {returncode}: {reason[:160]}",
        remedy="install the perf that fits this kernel",
    )
