"""Running a tool: its limits, its environment, and that nothing of it is left behind."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from coopbench.harness.errors import InfraError, MissingToolError
from coopbench.harness.toolchain import process
from coopbench.harness.toolchain.process import Limits, run_tool

Script = Callable[..., Path]


def alive(pid: int) -> bool:
    """Return whether a process exists and is no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_output_and_status(script: Script, tmp_path: Path) -> None:
    """Standard output, standard error and exit status come back as they were."""
    tool = script("tool", "echo out; echo err >&2; exit 3")
    done = run_tool((str(tool),), tmp_path, Limits())
    assert (done.status, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    assert (done.timed_out, done.signal) == (False, None)


def test_environment_is_clean(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the user's environment reaches a compiler; time and locale are fixed."""
    for name in ("CPATH", "CCC_OVERRIDE_OPTIONS", "LD_PRELOAD_X", "COMPILER_PATH"):
        monkeypatch.setenv(name, "/evil")
    tool = script("tool", "env")
    done = run_tool((str(tool),), tmp_path, Limits(), environment={"EXTRA": "1"})
    names = {line.partition("=")[0] for line in done.stdout.decode().splitlines()}
    wanted = {"PATH", "LC_ALL", "SOURCE_DATE_EPOCH", "HOME", "TMPDIR", "EXTRA"}
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == wanted
    assert b"LC_ALL=C\n" in done.stdout
    assert b"SOURCE_DATE_EPOCH=0\n" in done.stdout
    assert f"HOME={tmp_path}\n".encode() in done.stdout


def test_time_out_kills_the_whole_group(script: Script, tmp_path: Path) -> None:
    """At the time limit the tool and what it started are gone."""
    tool = script("tool", "sleep 600 & echo $! > child; sleep 600")
    done = run_tool((str(tool),), tmp_path, Limits(wall_s=0.5))
    assert done.timed_out
    child = int((tmp_path / "child").read_text())
    for _ in range(100):
        if not alive(child):
            break
        time.sleep(0.02)
    assert not alive(child)


def test_file_size_is_limited(script: Script, tmp_path: Path) -> None:
    """Neither a file nor the diagnostics can grow without end."""
    limits = Limits(file_bytes=1 << 16)
    into_file = script("a", "exec dd if=/dev/zero of=big bs=4096 count=1000")
    done = run_tool((str(into_file),), tmp_path, limits)
    assert done.status != 0
    assert (tmp_path / "big").stat().st_size <= 1 << 16
    talking = script("b", "exec dd if=/dev/zero bs=4096 count=1000")
    done = run_tool((str(talking),), tmp_path, limits)
    assert done.signal == signal.SIGXFSZ
    assert len(done.stdout) <= 1 << 16


def test_memory_is_limited(script: Script, tmp_path: Path) -> None:
    """A tool that asks for more memory than allowed does not get it."""
    tool = script("tool", "exec dd if=/dev/zero of=/dev/null bs=400M count=1")
    assert run_tool((str(tool),), tmp_path, Limits(memory_bytes=1 << 28)).status != 0
    assert run_tool((str(tool),), tmp_path, Limits(memory_bytes=1 << 30)).status == 0


def test_signal_is_seen_directly_and_through_a_driver(script: Script, tmp_path: Path) -> None:
    """A tool that a signal ends, or whose child it ends, is known to have crashed."""
    direct = script("direct", "kill -SEGV $$")
    through = script("through", "sh -c 'kill -ABRT $$'; exit $?")
    assert run_tool((str(direct),), tmp_path, Limits()).signal == signal.SIGSEGV
    assert run_tool((str(through),), tmp_path, Limits()).signal == signal.SIGABRT


def test_standard_input_is_empty(script: Script, tmp_path: Path) -> None:
    """A tool that reads standard input finds its end, and does not wait for a terminal."""
    tool = script("tool", "cat; echo end")
    assert run_tool((str(tool),), tmp_path, Limits(wall_s=10)).stdout == b"end\n"


def test_missing_limiter_is_named(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without prlimit nothing runs unlimited; the message says what to install."""
    tool = script("tool", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingToolError, match="util-linux"):
        run_tool((str(tool),), tmp_path, Limits())


def test_start_that_fails_is_the_machines_fault(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If no process can be made, that is no result of the tool."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    tool = script("tool", "exit 0")
    monkeypatch.setattr(process.subprocess, "Popen", refuse)  # type: ignore[attr-defined]
    with pytest.raises(InfraError, match="cannot start tool: Resource temporarily unavailable"):
        run_tool((str(tool),), tmp_path, Limits())


def test_confinement_wraps_the_command(script: Script, tmp_path: Path) -> None:
    """A confinement decides what is run, and limits apply to it too."""
    tool = script("tool", 'echo "$@"')

    class Wrapped:
        def wrap(self, argv: object, workdir: Path) -> list[str]:
            assert workdir == tmp_path
            return [str(tool), "wrapped", *list(argv)]  # type: ignore[call-overload]

    done = run_tool(("/bin/x", "y"), tmp_path, Limits(), confinement=Wrapped())
    assert done.stdout == b"wrapped /bin/x y\n"


def test_many_threads(script: Script, tmp_path: Path) -> None:
    """Runs in several threads do not mix up their results."""
    tool = script("tool", "sleep 0.0$1; echo $1")
    wrong: list[bytes] = []

    def work(number: int) -> None:
        for _ in range(5):
            done = run_tool((str(tool), str(number)), tmp_path, Limits())
            if done.stdout != f"{number}\n".encode():
                wrong.append(done.stdout)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert os.getpgid(0) == os.getpgrp()
