"""What of a program's run counts as its output, and when two outputs are the same."""

import hashlib
import re
from dataclasses import dataclass

import numpy as np

from coopbench.harness.benchmark import ProgramInterface
from coopbench.harness.cases import Difference, Failure
from coopbench.harness.launch import ProgramRun
from coopbench.harness.model import Outcome
from coopbench.harness.program_input import ProgramInput

_NUMBER = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Output:
    """What one run wrote and how it ended."""

    stdout: bytes
    """The stream that counts; it is standard output unless the program's interface says other."""
    exit_code: int


def observed(interface: ProgramInterface, run: ProgramRun) -> Output:
    """Return what counts of a run."""
    parts = {
        "stdout": run.stdout,
        "stderr": run.stderr,
        "both": run.stdout + run.stderr,
    }
    return Output(parts[interface.capture], run.exit_code)


def contradiction(
    interface: ProgramInterface, item: ProgramInput, output: Output
) -> Failure | None:
    """Return how a run contradicts what its program says of itself, None if it does not."""
    if interface.output == "pattern":
        pattern = re.compile(interface.pattern.encode(), re.MULTILINE)
        if pattern.search(output.stdout) is None:
            return _wrong(item, f"printed nothing that matches {interface.pattern!r}")
    expected = item.expected
    if expected is None:
        return None
    if expected.exit_code is not None and expected.exit_code != output.exit_code:
        return _wrong(item, f"exit status {output.exit_code}, expected {expected.exit_code}")
    if expected.digest is not None and not _has_digest(output, expected.digest):
        return _wrong(item, "the output's digest is not the expected one")
    if expected.output is not None and not same(interface, expected.output, output.stdout):
        found = text_difference(item.label, expected.output, output.stdout)
        return _wrong(item, f"{found.where}: expected {found.expected}, got {found.got}")
    return None


def same(interface: ProgramInterface, want: bytes, have: bytes) -> bool:
    """Whether two outputs count as equal."""
    if interface.output in {"exit", "pattern"} or want == have:
        return True
    return interface.output == "tokens" and _close(interface, want, have)


def text_difference(label: str, want: bytes, have: bytes) -> Difference:
    """Return the first byte at which two different outputs part."""
    at = next(
        (i for i, (a, b) in enumerate(zip(want, have, strict=False)) if a != b),
        min(len(want), len(have)),
    )
    return Difference(
        label,
        f"output, byte {at} of {len(want)}",
        repr(want[at : at + 24]) if at < len(want) else "end of output",
        repr(have[at : at + 24]) if at < len(have) else "end of output",
    )


def _close(interface: ProgramInterface, want: bytes, have: bytes) -> bool:
    if _NUMBER.sub(b"#", want).split() != _NUMBER.sub(b"#", have).split():
        return False
    a, b = (np.array([float(x) for x in _NUMBER.findall(t)]) for t in (want, have))
    return bool(np.allclose(b, a, rtol=interface.tolerance, atol=interface.absolute))


def _has_digest(output: Output, digest: str) -> bool:
    algorithm = {32: "md5", 40: "sha1"}.get(len(digest), "sha256")
    texts = (output.stdout, output.stdout + b"exit %d\n" % output.exit_code)
    found = {hashlib.new(algorithm, text, usedforsecurity=False).hexdigest() for text in texts}
    return digest in found


def _wrong(item: ProgramInput, detail: str) -> Failure:
    return Failure(Outcome.WRONG_OUTPUT, detail, item.label)
