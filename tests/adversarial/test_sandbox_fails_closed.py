"""Without a sandbox that holds, nothing runs."""

from pathlib import Path

import pytest

from coopbench.harness.errors import InfraError, UsageError
from coopbench.harness.sandbox.bwrap import Bubblewrap, find_bubblewraps
from coopbench.harness.sandbox.command import Sandbox
from coopbench.harness.sandbox.job import Job
from coopbench.harness.sandbox.probe import open_sandbox, self_test
from coopbench.harness.sandbox.run import run

pytestmark = pytest.mark.e2e

# Finds the host's files behind the paths inside and runs the launcher with no isolation at all.
NO_ISOLATION = """#!/bin/sh
while [ "$1" != "--" ]; do
    if [ "$1" = "--ro-bind" ]; then
        case "$3" in /launcher) launcher="$2";; /subject) subject="$2";; esac
    fi
    shift
done
shift 2
options=
while [ "$1" != "--" ]; do options="$options $1"; shift; done
exec "$launcher" $options -- "$subject"
"""


def _script(folder: Path, text: str) -> Bubblewrap:
    path = folder / "bwrap"
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    return Bubblewrap(path, "0.11.0")


def test_no_bubblewrap_names_every_remedy() -> None:
    """The refusal says what to install, what to allow, and what the risky way out is."""
    with pytest.raises(UsageError) as refused:
        open_sandbox(find=tuple)
    message = str(refused.value)
    assert "not installed" in message
    for remedy in ("apt-get install bubblewrap", "user namespaces", "--unsafe-no-sandbox"):
        assert remedy in message


def test_bubblewrap_that_cannot_work_is_refused_with_its_reason(tmp_path: Path) -> None:
    """What bubblewrap complains about is part of the one message."""
    bwrap = _script(
        tmp_path, "#!/bin/sh\necho 'bwrap: No permissions to create namespace' >&2\nexit 1\n"
    )
    with pytest.raises(UsageError, match="No permissions to create namespace"):
        open_sandbox(find=lambda: (bwrap,))


def test_bubblewrap_that_does_not_isolate_is_refused(tmp_path: Path) -> None:
    """A program that merely claims to be bubblewrap fails the self-test."""
    bwrap = _script(tmp_path, NO_ISOLATION)
    with pytest.raises(UsageError, match="a subject could /etc/passwd"):
        open_sandbox(find=lambda: (bwrap,))


def test_next_bubblewrap_is_tried(tmp_path: Path) -> None:
    """A broken first bubblewrap does not hide a working second one."""
    working = find_bubblewraps()
    if not working:
        pytest.skip("needs a working bubblewrap")
    broken = _script(tmp_path, "#!/bin/sh\nexit 1\n")
    sandbox = open_sandbox(find=lambda: (broken, *working))
    assert sandbox.bwrap in working


def test_self_test_is_silent_about_a_sandbox_that_holds() -> None:
    """The real sandbox has no flaw to report, and its description names what is in force."""
    sandbox = open_sandbox()
    assert self_test(sandbox) is None
    assert sandbox.info.tier == "bubblewrap"
    assert sandbox.info.version is not None
    assert sandbox.info.version in sandbox.info.description


def test_unsafe_says_so() -> None:
    """Without isolation the description that enters the results is unmistakable."""
    info = open_sandbox(unsafe=True).info
    assert (info.tier, info.version) == ("unsafe", None)
    assert "NO SANDBOX" in info.description


def test_launcher_that_is_missing_is_our_trouble(tmp_path: Path) -> None:
    """A sandbox that cannot start is an infrastructure error, never a result of the subject."""
    good = open_sandbox()
    broken = Sandbox(good.info, tmp_path / "no-launcher", good.bwrap)
    with pytest.raises(InfraError, match="no-launcher"):
        run(Job(Path("/bin/true")), broken)


def test_executable_of_no_known_format_is_our_trouble(tmp_path: Path) -> None:
    """What the kernel cannot execute at all was built wrongly by us; the message has the reason."""
    exe = tmp_path / "text"
    exe.write_text("no program", "ascii")
    exe.chmod(0o755)
    with pytest.raises(InfraError, match="execute the program: Exec format error"):
        run(Job(exe), open_sandbox())
