"""Runs kernels and programs of one target: natively for time, emulated for counts.

The only module that knows how a launch is made; everything above sees outcomes and records.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from coopbench.harness.cases import Failure
from coopbench.harness.driver.live import LiveArena
from coopbench.harness.emulation.blocks import BlockCounts, BlockTable
from coopbench.harness.emulation.emulator import BLOCKS_FD, Emulator
from coopbench.harness.errors import InfraError
from coopbench.harness.model import Launch, Outcome
from coopbench.harness.program_input import ProgramInput
from coopbench.harness.sandbox.command import Sandbox
from coopbench.harness.sandbox.job import Completed, Job
from coopbench.harness.sandbox.limits import Limits
from coopbench.harness.sandbox.run import run
from coopbench.harness.sandbox.session import Died, Finished, Session, Window

PADDING = "COOPBENCH_PADDING"
EXTRA_WORK = "COOPBENCH_EXTRA_WORK"
"""Environment variable that `driver/planted.c` reads."""


@dataclass(frozen=True)
class KernelRun:
    """A launch of a kernel that ended properly."""

    launch: Launch
    instructions: int | None

    def instructions_or_raise(self) -> int:
        """Return the count of a launch that was asked to count."""
        return _counted(self.instructions)


@dataclass(frozen=True)
class ProgramRun:
    """A run of a program that ended by itself, with whatever exit status."""

    stdout: bytes
    stderr: bytes
    exit_code: int
    launch: Launch
    instructions: int | None

    def instructions_or_raise(self) -> int:
        """Return the count of a run that was asked to count."""
        return _counted(self.instructions)


@dataclass(frozen=True)
class Launcher:
    """Launches executables of one target.

    Args:
        sandbox: The sandbox in force.
        emulated: Whether every launch goes through the emulator.
        emulator: The emulator of the target's architecture, for emulated targets and for
            counting; None if there is none.
        limits: Of every launch.
        cpu: Processor for native launches that are timed; None leaves it to the kernel.
    """

    sandbox: Sandbox
    emulated: bool
    emulator: Emulator | None
    limits: Limits
    cpu: int | None = None

    def kernel(
        self, exe: Path, arena: LiveArena, *, env_bytes: int = 0, counting: bool = False
    ) -> KernelRun | Failure:
        """Run the calls laid out in the arena through the driver's handshake."""
        return self._kernel(self._job(exe, (), None, env_bytes, counting=counting), arena)

    def kernel_blocks(self, exe: Path, arena: LiveArena) -> BlockCounts | Failure:
        """Run the calls laid out in the arena, emulated, and return what code they executed."""
        with BlockTable() as table:
            job = _by_block(self._job(exe, (), None, 0, counting=True), table)
            done = self._kernel(job, arena)
            return done if isinstance(done, Failure) else _all_counted(table, done.instructions)

    def program_blocks(self, exe: Path, item: ProgramInput) -> BlockCounts | Failure:
        """Run a program on one input, emulated, and return what code it executed."""
        with BlockTable() as table:
            job = _by_block(self._run_job(exe, item, 0, counting=True), table)
            done = run(job, self.sandbox)
            failure = _program_failure(done, self.limits)
            return failure or _all_counted(table, done.instructions)

    def train_kernel(self, exe: Path, arena: LiveArena, folder: Path) -> Failure | None:
        """Run an instrumented kernel; its raw profile is written to the folder."""
        done = self._kernel(
            _profiled(self._job(exe, (), None, 0, counting=False), folder, 0), arena
        )
        return done if isinstance(done, Failure) else None

    def train_program(
        self, exe: Path, item: ProgramInput, folder: Path, index: int
    ) -> Failure | None:
        """Run an instrumented program; its raw profile is written to the folder."""
        job = _profiled(self._run_job(exe, item, 0, counting=False), folder, index)
        return _program_failure(run(job, self.sandbox), self.limits)

    def _kernel(self, job: Job, arena: LiveArena) -> KernelRun | Failure:
        with Session(job, self.sandbox, arena.fd) as session:
            ready = session.wait_ready()
            if isinstance(ready, Died):
                return _failure(ready)
            window = session.go()
            if isinstance(window, Died):
                return _failure(window)
            finished = session.finish()
        if isinstance(finished, Died):
            return _failure(finished)
        return KernelRun(_launch(window, finished), finished.instructions)

    def program(
        self,
        exe: Path,
        item: ProgramInput,
        *,
        env_bytes: int = 0,
        extra_work: int = 0,
        counting: bool = False,
    ) -> ProgramRun | Failure:
        """Run a program on one input; extra work is done only by a program of others."""
        job = self._run_job(exe, item, env_bytes, counting=counting)
        if extra_work:
            job = replace(job, env={**job.env, EXTRA_WORK: str(extra_work)})
        done = run(job, self.sandbox)
        failure = _program_failure(done, self.limits)
        if failure is not None:
            return Failure(failure.outcome, failure.detail, item.label)
        if done.exit_code is None:
            raise AssertionError("a program that failed in no way has an exit code")
        u = done.usage
        launch = Launch(
            arm="candidate",
            value=u.cpu_s,
            wall_s=u.wall_s,
            max_rss_kib=u.max_rss_kib,
            minor_faults=u.minor_faults,
            major_faults=u.major_faults,
            voluntary_switches=u.voluntary_switches,
            involuntary_switches=u.involuntary_switches,
        )
        return ProgramRun(done.stdout, done.stderr, done.exit_code, launch, done.instructions)

    def _run_job(self, exe: Path, item: ProgramInput, env_bytes: int, *, counting: bool) -> Job:
        job = self._job(exe, item.argv, item.stdin, env_bytes, counting=counting)
        return replace(job, read_only=item.files)

    def _job(
        self,
        exe: Path,
        argv: tuple[str, ...],
        stdin: bytes | None,
        env_bytes: int,
        *,
        counting: bool,
    ) -> Job:
        emulate = self.emulated or counting
        if emulate and self.emulator is None:
            raise InfraError("this launch needs an emulator and there is none")
        return Job(
            exe=exe,
            argv=argv,
            stdin=stdin,
            env={PADDING: "x" * env_bytes} if env_bytes else {},
            limits=self.limits,
            cpu=None if emulate else self.cpu,
            aslr=not emulate,
            emulator=self.emulator if emulate else None,
        )


def _profiled(job: Job, folder: Path, index: int) -> Job:
    env = {"LLVM_PROFILE_FILE": f"/profile/{index}.profraw"}
    return replace(job, env=env, writable={"/profile": folder})


def measuring_cpu() -> int | None:
    """Return the processor that timed launches run on: the last one allowed, if there are two."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[-1] if len(allowed) > 1 else None


def _launch(window: Window, finished: Finished) -> Launch:
    return Launch(
        arm="candidate",
        # an emulated window has no time; its count is read elsewhere
        value=window.cpu_s if window.cpu_s is not None else float(window.instructions or 0),
        wall_s=window.wall_s,
        setup_cpu_s=window.setup_cpu_s,
        teardown_cpu_s=finished.teardown_cpu_s,
        max_rss_kib=window.max_rss_kib,
        minor_faults=window.minor_faults,
        major_faults=window.major_faults,
        voluntary_switches=window.voluntary_switches,
        involuntary_switches=window.involuntary_switches,
        steal_ticks=window.steal_ticks,
    )


def _failure(died: Died) -> Failure:
    outcome = Outcome.TIMED_OUT if died.kind == "timed_out" else Outcome.CRASHED
    return Failure(outcome, died.detail)


def _program_failure(done: Completed, limits: Limits) -> Failure | None:
    if done.timed_out:
        return Failure(Outcome.TIMED_OUT, f"did not end within {limits.wall_s:g} s")
    if done.output_exceeded:
        return Failure(Outcome.CRASHED, f"wrote more than {limits.output_bytes >> 20} MiB")
    if done.signal is not None:
        return Failure(Outcome.CRASHED, f"ended by signal {done.signal}")
    return None


def _by_block(job: Job, table: BlockTable) -> Job:
    if job.emulator is None:
        raise AssertionError("blocks are counted by an emulator")
    emulator = replace(job.emulator, by_block=True)
    return replace(job, emulator=emulator, fds={BLOCKS_FD: table.fd})


def _all_counted(table: BlockTable, instructions: int | None) -> BlockCounts:
    counts = table.counts()
    if counts.instructions != _counted(instructions):
        raise InfraError(
            f"the emulator counted {instructions} instructions, but {counts.instructions} by block"
        )
    return counts


def _counted(instructions: int | None) -> int:
    if instructions is None:
        raise InfraError("the emulator gave no instruction count; its plugin is missing or failed")
    return instructions
