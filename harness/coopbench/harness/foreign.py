"""A program whose sources lie in somebody else's checkout: what the harness must know of it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from coopbench.harness.program_input import ProgramInput
from coopbench.harness.toolchain.project import Project


@dataclass(frozen=True)
class Foreign:
    """What belongs to a program beside the sources that entrants may rewrite."""

    project: Project = field(default_factory=Project)
    """Headers, flags and search folders of all its sources."""
    protected: Mapping[str, str] = field(default_factory=dict)
    """Plain name to text of the sources that nobody may rewrite: driver, timer, verifier. They are
    compiled by the pinned compiler at -O2, whatever the candidate's recipe says."""
    runs: Mapping[str, tuple[ProgramInput, ...]] = field(default_factory=dict)
    """Stored runs by preset (test, small, ref); empty if inputs are generated."""
    replay: bool = False
    """Many inputs are run by one process, so that starting it does not swamp them."""
    stopped_clock: bool = False
    """A program that times itself sees a clock that does not move."""

    def identity(self) -> Iterator[bytes]:
        """Yield what a benchmark's digest must cover."""
        p = self.project
        for path, data in p.headers:
            yield f"header {path} ".encode() + hashlib.sha256(data).digest()
        yield repr((p.flags, sorted(p.folders.items()), p.include, p.forced)).encode()
        yield repr((self.replay, self.stopped_clock)).encode()
        for name in sorted(self.protected):
            yield f"protected {name}\0{self.protected[name]}".encode()
        for preset in sorted(self.runs):
            for run in self.runs[preset]:
                yield repr((preset, run.label, run.argv, run.expected)).encode() + run.stdin
                for inside, outside in sorted(run.files.items()):
                    yield inside.encode() + outside.read_bytes()
