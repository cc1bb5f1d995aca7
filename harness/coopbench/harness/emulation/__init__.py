"""Subjects of another architecture: QEMU user mode and its instruction-counting plugin."""
