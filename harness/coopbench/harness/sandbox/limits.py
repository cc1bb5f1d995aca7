"""What a subject may use before it is ended."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Resource limits of one launch; no subject may start a process or a thread at all."""

    wall_s: float = 10.0
    """Wall seconds: of a program from its start to its end, of a kernel for each phase
    (preparation, each window, the end)."""
    cpu_s: float = 10.0
    """CPU seconds of the whole launch; the kernel counts whole seconds, so this is rounded up."""
    memory_bytes: int = 1 << 30
    """Address space, which includes a kernel's arena."""
    output_bytes: int = 16 << 20
    """Bytes of standard output, and of standard error, and of each file written."""
    stack_bytes: int = 8 << 20
