"""Holds C candidates to their contract's signature at compile time."""

from coopbench.harness.base import Level
from coopbench.harness.benchmark import Benchmark
from coopbench.harness.model import Candidate


def with_prototype(benchmark: Benchmark, candidate: Candidate) -> Candidate:
    """Return the candidate as it is compiled: its sources after the declared prototype.

    A C kernel whose definition does not match the contract then fails to compile, with the
    compiler's own message. Line numbers in diagnostics stay those of the candidate's text.
    """
    if not benchmark.is_kernel or candidate.level is not Level.C:
        return candidate
    head = f"#include <stddef.h>\n#include <stdint.h>\n{benchmark.contract.prototype};\n"
    files = {
        name: f'{head}#line 1 "{name}"\n{text}' if name.endswith(".c") else text
        for name, text in candidate.files.items()
    }
    return candidate.model_copy(update={"files": files})
