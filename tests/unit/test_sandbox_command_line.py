"""Command lines of launches, without running any."""

from dataclasses import replace
from pathlib import Path

import pytest

from coopbench.harness.emulation.emulator import BLOCKS_FD, Emulator
from coopbench.harness.errors import UsageError
from coopbench.harness.sandbox.bwrap import Bubblewrap
from coopbench.harness.sandbox.command import Sandbox, SandboxInfo, command_line
from coopbench.harness.sandbox.job import Job
from coopbench.harness.sandbox.limits import Limits

EXE = Path("/store/program")
LAUNCHER = Path("/store/launcher-x")
QEMU = Emulator("aarch64", Path("/usr/bin/qemu-aarch64"), "7.2", (Path("/lib"),), Path("/p.so"))


def _sandbox(version: str | None = "0.11.0") -> Sandbox:
    bwrap = None if version is None else Bubblewrap(Path("/opt/bwrap"), version)
    return Sandbox(SandboxInfo("test", version, "test"), LAUNCHER, bwrap)


def _options(argv: list[str]) -> dict[str, str]:
    start = next(i for i, word in enumerate(argv) if word.startswith("address_space="))
    return dict(word.split("=", 1) for word in argv[start : argv.index("--", start)])


def test_only_launcher_and_subject_are_visible() -> None:
    """Without further files a job binds its executable and the launcher, both read-only."""
    argv = command_line(_sandbox(), Job(EXE), ())
    binds = [(argv[i + 1], argv[i + 2]) for i, word in enumerate(argv) if "bind" in word]
    assert binds == [(str(LAUNCHER), "/launcher"), (str(EXE), "/subject")]
    assert "--bind" not in argv
    assert argv[argv.index("--remount-ro") + 1] == "/"


@pytest.mark.parametrize(
    "option",
    ["--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--as-pid-1"],
)
def test_every_isolation_option_is_given(option: str) -> None:
    """Namespaces, death with the parent and our process 1 are never optional."""
    argv = command_line(_sandbox(), Job(EXE), ())
    assert option in argv[: argv.index("--")]


@pytest.mark.parametrize(
    ("version", "expected"), [("0.11.0", True), ("0.8.0", True), ("0.7.0", False), ("1.0", True)]
)
def test_disable_userns_follows_the_version(version: str, expected: bool) -> None:
    """The option that bubblewrap has since 0.8 is given exactly to those that know it."""
    assert ("--disable-userns" in command_line(_sandbox(version), Job(EXE), ())) is expected


def test_limits_reach_the_launcher() -> None:
    """Each limit arrives; the file limit is one more, so that exactly the limit is allowed."""
    limits = Limits(cpu_s=2.2, memory_bytes=5 << 20, output_bytes=100, stack_bytes=1 << 16)
    options = _options(command_line(_sandbox(), Job(EXE, limits=limits, cpu=3), ()))
    assert options["cpu_s"] == "3"
    assert options["address_space"] == str(5 << 20)
    assert options["file_bytes"] == "101"
    assert options["stack_bytes"] == str(1 << 16)
    assert options["cpu"] == "3"
    assert options["processes"] == "1"


def test_environment_is_passed_by_the_launcher() -> None:
    """The environment is exact: an option of the launcher per variable, nothing of ours."""
    argv = command_line(_sandbox(), Job(EXE, env={"A": "1=2"}), ())
    assert "env=A=1=2" in argv
    assert "--setenv" not in argv
    assert "--clearenv" in argv


@pytest.mark.parametrize("aslr", [False, True])
def test_address_space_is_fixed_on_request(aslr: bool) -> None:
    """Counting jobs get a fixed layout, others do not."""
    options = _options(command_line(_sandbox(), Job(EXE, aslr=aslr), ()))
    assert options["fixed_layout"] == str(int(not aslr))


def test_emulated_job_runs_under_the_emulator() -> None:
    """The emulator is the launched program; variables reach only its guest; layout is fixed."""
    argv = command_line(_sandbox(), Job(EXE, ("x",), env={"A": "1"}, emulator=QEMU), (5,))
    launched = argv[len(argv) - argv[::-1].index("--") :]
    assert launched[0] == "/emulator"
    assert launched[-2:] == ["/subject", "x"]
    assert launched[launched.index("-E") + 1] == "A=1"
    assert launched[launched.index("-plugin") + 1] == "/plugin.so,fd=5"
    assert "env=A=1" not in argv
    options = _options(argv)
    assert (options["emulator"], options["fixed_layout"], options["keep"]) == ("1", "1", "5")


def test_counting_by_block_names_both_files() -> None:
    """The plugin is told the descriptors of its page and of its table, in that order."""
    job = Job(EXE, emulator=replace(QEMU, by_block=True), fds={BLOCKS_FD: 0})
    argv = command_line(_sandbox(), job, (5, BLOCKS_FD))
    assert argv[argv.index("-plugin") + 1] == "/plugin.so,fd=5,blocks=6"


def test_without_sandbox_the_launcher_still_runs() -> None:
    """Without bubblewrap limits and filter apply; paths are the host's."""
    argv = command_line(_sandbox(None), Job(EXE, ("x",)), ())
    assert argv[0] == str(LAUNCHER)
    assert argv[-2:] == [str(EXE), "x"]


@pytest.mark.parametrize(
    "job",
    [
        Job(EXE, read_only={"/a": Path("/b")}),
        Job(EXE, writable={"/a": Path("/b")}),
        Job(EXE, tmp_bytes=1),
    ],
)
def test_files_need_the_sandbox(job: Job) -> None:
    """Without bubblewrap nothing can be shown at another path, and that is said."""
    with pytest.raises(UsageError, match="bubblewrap"):
        command_line(_sandbox(None), job, ())


def test_writable_folders_widen_the_filter() -> None:
    """Only a job with something writable may use system calls that change files."""
    plain = _options(command_line(_sandbox(), Job(EXE), ()))
    writing = _options(command_line(_sandbox(), Job(EXE, writable={"/a": Path("/b")}), ()))
    assert (plain["writes"], writing["writes"]) == ("0", "1")
