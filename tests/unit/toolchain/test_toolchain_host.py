"""Named targets on hosts of both architectures."""

import os
from pathlib import Path

import pytest

from coopbench.harness.errors import UsageError
from coopbench.harness.model import Metric
from coopbench.harness.toolchain.host import Host, find_target, read_host, targets

V2 = "cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3"
V3 = f"{V2} avx avx2 bmi1 bmi2 f16c fma abm movbe xsave"


def x86(tmp_path: Path, flags: str, model: str = "1") -> Host:
    """Return an x86-64 host whose processor has the flags."""
    path = tmp_path / f"cpuinfo-{model}-{len(flags)}"
    block = f"vendor_id\t: GenuineIntel\nmodel\t\t: {model}\nflags\t\t: {flags}\n"
    path.write_text(f"processor\t: 0\n{block}\nprocessor\t: 1\n{block}\n")
    return read_host("x86_64", path)


def arm(tmp_path: Path) -> Host:
    """Return an AArch64 host."""
    path = tmp_path / "cpuinfo-arm"
    path.write_text("processor\t: 0\nFeatures\t: fp asimd crc32\nCPU part\t: 0xd0c\n")
    return read_host("aarch64", path)


def test_targets_of_a_modern_x86_host(tmp_path: Path) -> None:
    """All x86-64 levels run natively, AArch64 is emulated and judged by instructions."""
    found = {t.name: t for t in targets(x86(tmp_path, V3))}
    assert list(found) == ["x86-64-v1", "x86-64-v2", "x86-64-v3", "x86-64-host", "armv8-a"]
    assert [t.name for t in found.values() if t.emulated] == ["armv8-a"]
    assert found["armv8-a"].metric is Metric.INSTRUCTIONS
    assert found["x86-64-v1"].march == "x86-64"
    assert found["x86-64-host"].march == "native"


def test_old_x86_host_lacks_v3(tmp_path: Path) -> None:
    """A target whose instructions the processor lacks is not offered, and the message says which."""
    host = x86(tmp_path, V2)
    assert "x86-64-v3" not in [t.name for t in targets(host)]
    with pytest.raises(UsageError, match=r"lacks abm, avx, avx2.*use one of x86-64-v1"):
        find_target("x86-64-v3", host)


def test_targets_of_an_arm_host(tmp_path: Path) -> None:
    """On an AArch64 host the same names exist with the roles exchanged."""
    found = {t.name: t for t in targets(arm(tmp_path))}
    assert list(found) == ["armv8-a", "aarch64-host", "x86-64-v1", "x86-64-v2", "x86-64-v3"]
    assert not found["armv8-a"].emulated
    assert found["x86-64-v2"].emulated


def test_host_is_an_alias(tmp_path: Path) -> None:
    """`host` means the host's own processor on either architecture."""
    assert find_target("host", x86(tmp_path, V2)).name == "x86-64-host"
    assert find_target("host", arm(tmp_path)).name == "aarch64-host"


def test_unknown_target_gets_a_hint(tmp_path: Path) -> None:
    """An unknown name is one message with the known ones and the nearest."""
    with pytest.raises(UsageError) as caught:
        find_target("x86-64-v22", x86(tmp_path, V3))
    assert "did you mean 'x86-64-v2'?" in str(caught.value)
    assert "armv8-a" in str(caught.value)


def test_other_hosts_processor_is_no_target(tmp_path: Path) -> None:
    """The processor of another architecture's host is not known, so it cannot be meant."""
    with pytest.raises(UsageError, match="another architecture's host"):
        find_target("aarch64-host", x86(tmp_path, V3))


def test_other_machines_are_refused() -> None:
    """A host of a third architecture is refused with its name."""
    with pytest.raises(UsageError, match="riscv64"):
        read_host("riscv64")


def test_identity_follows_the_processor(tmp_path: Path) -> None:
    """What `-march=native` depends on differs between processors and not between reads."""
    assert x86(tmp_path, V2).cpu == x86(tmp_path, V2).cpu
    assert x86(tmp_path, V2).cpu != x86(tmp_path, V3).cpu
    assert x86(tmp_path, V2, "1").cpu != x86(tmp_path, V2, "2").cpu


def test_missing_description_is_survived(tmp_path: Path) -> None:
    """Without /proc the host is still known by its architecture, with the least instructions."""
    host = read_host("x86_64", tmp_path / "none")
    assert [t.name for t in targets(host)] == ["x86-64-v1", "x86-64-host", "armv8-a"]


def test_this_host_is_readable() -> None:
    """The machine that runs the tests is described."""
    host = read_host()
    assert host.arch == os.uname().machine
    assert host.flags
