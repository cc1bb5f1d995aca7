"""Stable facts about the processor and kernel, and the fingerprint made of them."""

import hashlib
import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path("/")

_VIRTUAL_VENDORS = ("QEMU", "KVM", "VMware", "Xen", "innotek", "Amazon EC2", "Google", "Bochs")
_IDENTITY_KEYS = (
    "vendor_id",
    "cpu family",
    "model",
    "stepping",
    "CPU implementer",
    "CPU architecture",
    "CPU variant",
    "CPU part",
    "CPU revision",
)


@dataclass(frozen=True)
class CpuFacts:
    """What cannot change while the machine runs; never a clock reading or a load."""

    arch: str
    identity: tuple[str, ...]
    """Vendor, family, model and stepping (x86) or implementer, part, variant and revision
    (Arm) as `key=value`, of every kind of core in the machine, sorted."""
    model_name: str | None
    flags: tuple[str, ...]
    """Instruction-set features, sorted."""
    caches: tuple[str, ...]
    """`level type size`, e.g. `1 Data 48K`, sorted."""
    logical_cpus: int
    hypervisor: bool | None
    kernel: str
    """Kernel release."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 (16 hex digits) over all facts but the marketing name."""
        facts = asdict(self)
        del facts["model_name"]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def cpu_facts(root: Path = ROOT) -> CpuFacts:
    """Read the facts from `/proc` and `/sys` below `root`; what is not told stays empty."""
    cores = _cores(read_text(root / "proc/cpuinfo") or "")
    identity = {f"{key}={core[key]}" for core in cores for key in _IDENTITY_KEYS if key in core}
    names = [core["model name"] for core in cores if "model name" in core]
    flags = {
        flag for core in cores for flag in (core.get("flags") or core.get("Features") or "").split()
    }
    return CpuFacts(
        arch=platform.machine(),
        identity=tuple(sorted(identity)),
        model_name=names[0] if names else None,
        flags=tuple(sorted(flags)),
        caches=_caches(root),
        logical_cpus=sum("processor" in core for core in cores) or os.cpu_count() or 1,
        hypervisor=_hypervisor(root, flags),
        kernel=read_text(root / "proc/sys/kernel/osrelease") or platform.release(),
    )


def read_text(path: Path) -> str | None:
    """Return a small kernel file's stripped text, None if there is none to read."""
    try:
        return path.read_text("utf-8", errors="replace").strip() or None
    except OSError:
        return None


def _cores(cpuinfo: str) -> list[dict[str, str]]:
    blocks = []
    for paragraph in cpuinfo.split("\n\n"):
        pairs = (line.partition(":") for line in paragraph.splitlines())
        block = {key.strip(): value.strip() for key, colon, value in pairs if colon}
        if block:
            blocks.append(block)
    return blocks


def _caches(root: Path) -> tuple[str, ...]:
    found = set()
    for index in root.glob("sys/devices/system/cpu/cpu[0-9]*/cache/index*"):
        parts = [read_text(index / name) for name in ("level", "type", "size")]
        found.add(" ".join(part for part in parts if part))
    return tuple(sorted(found - {""}))


def _hypervisor(root: Path, flags: set[str]) -> bool | None:
    if "hypervisor" in flags or read_text(root / "sys/hypervisor/type"):
        return True
    vendor = read_text(root / "sys/class/dmi/id/sys_vendor")
    if vendor and vendor.startswith(_VIRTUAL_VENDORS):
        return True
    # On x86 every common hypervisor sets the CPUID bit, so its absence tells; elsewhere it may
    # be a machine that does not say.
    return False if "lm" in flags else None
