"""Opening the sandbox: nothing runs before a self-test has shown that it holds."""

from collections.abc import Callable
from pathlib import Path

from coopbench.harness.errors import InfraError, UsageError
from coopbench.harness.sandbox.bwrap import Bubblewrap, find_bubblewraps
from coopbench.harness.sandbox.command import Sandbox, SandboxInfo
from coopbench.harness.sandbox.job import Job
from coopbench.harness.sandbox.run import run
from coopbench.harness.sandbox.trusted import build_trusted

_HERE = Path(__file__).parent
_REMEDY = (
    "install it (apt-get install bubblewrap), allow unprivileged user namespaces (sysctl "
    "kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0; in a "
    "container: run it privileged or with seccomp=unconfined), or accept the risk with "
    "--unsafe-no-sandbox"
)


def open_sandbox(
    *,
    unsafe: bool = False,
    find: Callable[[], tuple[Bubblewrap, ...]] = find_bubblewraps,
) -> Sandbox:
    """Return the first sandbox of this machine that passes the self-test.

    Args:
        unsafe: Do without bubblewrap: files can be read and other processes seen. Limits and
            the system-call filter still apply and are still tested.
        find: Where to look for bubblewrap.

    Raises:
        UsageError: if no bubblewrap works; the message names the remedies.
        InfraError: if not even the launcher works.
    """
    launcher = build_trusted(_HERE / "launcher.c")
    if unsafe:
        description = "NO SANDBOX: seccomp + rlimits only"
        sandbox = Sandbox(SandboxInfo(description, None, "unsafe"), launcher, None)
        if flaw := self_test(sandbox):
            raise InfraError(f"the launcher does not confine subjects: {flaw}")
        return sandbox
    flaws = []
    for bwrap in find():
        description = f"bubblewrap {bwrap.version} + seccomp + rlimits"
        sandbox = Sandbox(SandboxInfo(description, bwrap.version, "bubblewrap"), launcher, bwrap)
        flaw = self_test(sandbox)
        if flaw is None:
            return sandbox
        flaws.append(f"bubblewrap {bwrap.version}: {flaw}")
    reason = "; ".join(flaws) or "bubblewrap is not installed"
    raise UsageError(f"no sandbox to run untrusted code in ({reason}): {_REMEDY}")


def self_test(sandbox: Sandbox) -> str | None:
    """Run a program that tries what no subject may do; return what it achieved, None if nothing."""
    argv = () if sandbox.bwrap else ("unsafe",)
    job = Job(build_trusted(_HERE / "probe.c"), argv)
    try:
        done = run(job, sandbox)
    except InfraError as e:
        return str(e)
    *achieved, last = done.stdout.decode(errors="replace").splitlines() or [""]
    if done.exit_code != 0 or last != "end":
        return f"the self-test ended with exit code {done.exit_code}, signal {done.signal}"
    return f"a subject could {', '.join(achieved)}" if achieved else None
