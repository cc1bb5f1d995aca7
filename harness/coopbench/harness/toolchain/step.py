"""One run of one tool as a pure function of its inputs: confined, cached, and a value if it fails."""

import errno
import hashlib
import os
import re
import signal
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from coopbench.harness.errors import InfraError
from coopbench.harness.storage_errors import storage_errors
from coopbench.harness.toolchain.cache import Cache, Entry, content_key
from coopbench.harness.toolchain.compilers import Compilers, Executable
from coopbench.harness.toolchain.process import Confinement, Finished, Limits, run_tool

CWD = "{cwd}"
"""Stands in arguments for the folder a step runs in, whose name differs from run to run."""
_FORMAT = 1
_LINES, _CHARACTERS = 40, 4000
_FROM_OUTSIDE = frozenset(
    {signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE}
)
"""Signals that a compiler does not raise itself: the user or the kernel's memory killer did."""
_KILLED_BELOW = re.compile(rb"^\S+: (?:fatal|internal compiler) error: Killed signal", re.MULTILINE)
_NO_MEMORY = re.compile(r"out of memory|Cannot allocate memory|bad_alloc")
_FREE_BYTES = 1 << 20


@dataclass(frozen=True)
class Context:
    """What every constituent needs: tools, a cache, limits and a confinement."""

    compilers: Compilers
    cache: Cache
    limits: Limits = field(default_factory=Limits)
    confinement: Confinement | None = None
    """None: tools run unconfined, so a candidate's text can include files of this machine."""


@dataclass(frozen=True)
class Artifact:
    """A file that a constituent made, in the cache."""

    path: Path
    sha256: str
    seconds: float
    """Wall seconds spent now: 0 if it came from the cache."""
    cost_s: float
    """Wall seconds it took when it was made."""

    def read(self) -> bytes:
        """Return the contents."""
        return self.path.read_bytes()

    def text(self) -> str:
        """Return the contents as text."""
        return self.read().decode("utf-8", "replace")


@dataclass(frozen=True)
class BuildFailure:
    """A candidate that cannot be built, and why."""

    stage: str
    """`recipe`, `front end`, `optimizer`, `code generator`, `assembler`, `module linker`…"""
    diagnostics: str
    """First lines of what the tool said; no paths of this machine."""
    argv: tuple[str, ...] = ()
    """The command, with the tool's name in place of its path."""
    seconds: float = 0.0
    """Wall seconds spent now."""
    lasting: bool = True
    """Whether it would fail on any machine; not so for time-outs and crashes."""

    @property
    def reason(self) -> str:
        """One line: the stage and the first line that names an error."""
        lines = self.diagnostics.splitlines() or ["no diagnostics"]
        first = next((line for line in lines if "error" in line.lower()), lines[0])
        return f"{self.stage}: {first.strip()}"


@dataclass(frozen=True)
class Step:
    """A run of a tool in a folder of its own.

    Equal steps give equal results: the tool's identity, the arguments and the inputs are all
    that it sees.
    """

    stage: str
    tool: Executable
    args: tuple[str, ...]
    inputs: tuple[tuple[str, bytes], ...]
    """Files put into the folder: name, perhaps in a folder below it, and contents."""
    output: str | None
    """Name of the file it makes; None: its standard output."""
    links: tuple[tuple[str, Path], ...] = ()
    """Trusted files and folders, seen under a fixed name."""
    depends: tuple[str, ...] = ()
    """Identities of those, and of what else the result depends on (the host's processor)."""

    @property
    def key(self) -> str:
        """The cache key."""
        inputs = [(name, hashlib.sha256(data).hexdigest()) for name, data in self.inputs]
        names = [name for name, _ in self.links]
        return content_key(
            _FORMAT, self.tool.identity, self.args, inputs, self.output, names, self.depends
        )

    @property
    def argv(self) -> tuple[str, ...]:
        """The command for people."""
        return (self.tool.name, *self.args)


@dataclass(frozen=True)
class Output:
    """What a run of a step made."""

    data: bytes
    seconds: float


def run_step(context: Context, step: Step) -> Artifact | BuildFailure:
    """Run a step, or take its result from the cache.

    Failures that any machine would see are kept too; time-outs and crashes are not.

    Raises:
        InfraError: if the machine, not the input, is at fault.
    """
    # Without confinement a text could include a file that it cannot see with it.
    key = content_key(step.key, context.confinement is not None)
    entry = context.cache.get(key)
    if entry is not None:
        return _result(step, entry, seconds=0.0)
    made = execute_step(context, step)
    if isinstance(made, BuildFailure):
        if made.lasting:
            text = made.diagnostics.encode()
            context.cache.put(key, text, ok=False, cost_s=made.seconds)
        return made
    suffix = Path(step.output or "").suffix
    kept = context.cache.put(key, made.data, cost_s=made.seconds, suffix=suffix)
    return _result(step, kept, made.seconds)


def execute_step(context: Context, step: Step) -> Output | BuildFailure:
    """Run a step without looking at the cache.

    Raises:
        InfraError: if the machine, not the input, is at fault.
    """
    with tempfile.TemporaryDirectory(prefix="coopbench-") as name:
        folder = Path(name)
        with storage_errors(folder):
            _fill(step, folder)
        args = (arg.replace(CWD, str(folder)) for arg in step.args)
        done = run_tool(
            (*step.tool.argv, *args), folder, context.limits, confinement=context.confinement
        )
        data = _output(step, done, folder)
        if data is not None:
            return Output(data, done.seconds)
        _blame_machine(context, step, done, folder)
        text, lasting = _diagnose(context.limits, step, done, folder)
        return BuildFailure(step.stage, text, step.argv, done.seconds, lasting=lasting)


def _fill(step: Step, folder: Path) -> None:
    for name, data in step.inputs:
        if "/" in name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    for name, target in step.links:
        (folder / name).symlink_to(target)


def _result(step: Step, entry: Entry, seconds: float) -> Artifact | BuildFailure:
    if entry.ok:
        return Artifact(entry.path, entry.sha256, seconds, entry.cost_s)
    text = entry.path.read_text("utf-8", "replace")
    return BuildFailure(step.stage, text, step.argv, seconds)


def _output(step: Step, done: Finished, folder: Path) -> bytes | None:
    if done.status or done.timed_out:
        return None
    if step.output is None:
        return done.stdout
    try:
        return (folder / step.output).read_bytes()
    except FileNotFoundError:
        return None


def _blame_machine(context: Context, step: Step, done: Finished, folder: Path) -> None:
    """Raise InfraError if the failure is not the input's doing."""
    name = step.tool.name
    if not os.access(step.tool.path, os.X_OK):
        raise InfraError(f"{name} has disappeared while it was in use; install it again")
    if done.stderr.startswith(b"bwrap: "):
        said = done.stderr.decode("utf-8", "replace").splitlines()[0]
        raise InfraError(f"the confinement of {name} failed: {said}")
    free = os.statvfs(folder)
    if os.strerror(errno.ENOSPC).encode() in done.stderr and (
        free.f_bavail * free.f_frsize < _FREE_BYTES
    ):
        raise InfraError(f"{name} found no space left in {folder.parent}; free some")
    if done.timed_out:
        return
    if done.signal in _FROM_OUTSIDE or _KILLED_BELOW.search(done.stderr):
        raise InfraError(f"{name} was killed from outside; is the machine short of memory?")
    if done.signal is None:
        return
    # A compiler that crashes on this input is the candidate's failure only if it works at all.
    healthy = run_tool((*step.tool.argv, "--version"), folder, context.limits)
    if healthy.status or healthy.timed_out:
        raise InfraError(f"{name} does not even print its version; install it again")


def _diagnose(limits: Limits, step: Step, done: Finished, folder: Path) -> tuple[str, bool]:
    """Return what went wrong, and whether it would on any machine."""
    said = done.stderr.decode("utf-8", "replace").replace(str(folder), ".")
    said = said.replace(str(step.tool.path), step.tool.name)
    if done.timed_out:
        return f"error: timed out after {limits.wall_s:g} s", False
    if done.signal == signal.SIGXFSZ or os.strerror(errno.EFBIG) in said:
        return f"error: the output is larger than {limits.file_bytes >> 20} MiB", False
    if done.signal is not None:
        crash = f"error: the tool crashed ({_signal_name(done.signal)})"
        return _first(f"{crash}\n{said}"), False
    text = _first(said) or f"error: exit status {done.status} without a word"
    return text, _NO_MEMORY.search(said) is None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _first(text: str) -> str:
    return "\n".join(text.splitlines()[:_LINES])[:_CHARACTERS].strip()
