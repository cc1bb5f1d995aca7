"""Running a program to its end."""

import contextlib
import math
import signal

from coopbench.harness.emulation.counter import Counter
from coopbench.harness.emulation.emulator import COUNTER_FD
from coopbench.harness.errors import InfraError
from coopbench.harness.sandbox.command import Sandbox
from coopbench.harness.sandbox.job import Completed, Job
from coopbench.harness.sandbox.spawn import Ended, Launched

_KILL_S = 30.0


def run(job: Job, sandbox: Sandbox) -> Completed:
    """Run a program to its end or to a limit; when this returns, no process of it is left.

    Args:
        job: What to run.
        sandbox: What confines it.

    Raises:
        InfraError: if the sandbox fails (never because of what the program does).
    """
    with contextlib.ExitStack() as stack:
        counter = stack.enter_context(Counter()) if counts(job) else None
        channels = {COUNTER_FD: counter.fd} if counter else {}
        launched = stack.enter_context(Launched(sandbox, job, channels))
        launched.await_start()
        ended = launched.await_end(job.limits.wall_s)
        overdue = ended is None
        if ended is None:
            launched.kill()
            ended = launched.await_end(_KILL_S)
        if ended is None:
            raise InfraError("a killed subject does not end")
        stdout, much_stdout = launched.stdout()
        stderr, much_stderr = launched.stderr()
        return Completed(
            exit_code=ended.exit_code,
            signal=ended.signal,
            timed_out=overdue or out_of_cpu(job, ended),
            output_exceeded=much_stdout or much_stderr or ended.signal == signal.SIGXFSZ,
            stdout=stdout,
            stderr=stderr,
            usage=ended.usage,
            instructions=counter.instructions if counter else None,
        )


def counts(job: Job) -> bool:
    """Whether the job's instructions are counted."""
    return job.emulator is not None and job.emulator.counts


def out_of_cpu(job: Job, ended: Ended) -> bool:
    """Whether the CPU limit ended the subject: SIGXCPU, or SIGKILL for one that ignores it."""
    if ended.signal == signal.SIGXCPU:
        return True
    return ended.signal == signal.SIGKILL and ended.usage.cpu_s >= max(
        1, math.ceil(job.limits.cpu_s)
    )
