"""The packet channel: who sent what, and what a hostile sender cannot do."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from coopbench.harness.sandbox.channel import Channel


def _send_from_child(channel: Channel, data: bytes) -> int:
    """Send a packet from another process and return its pid."""
    code = f"import os; os.write({channel.child}, {data!r})"
    with subprocess.Popen((sys.executable, "-c", code), pass_fds=(channel.child,)) as child:
        assert child.wait() == 0
        return child.pid


def _descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def test_packets_carry_the_pid_of_their_sender() -> None:
    """Packets of two processes through one socket are told apart by the kernel's word."""
    with Channel() as channel:
        first = _send_from_child(channel, b"R")
        second = _send_from_child(channel, b"D")
        packets = [channel.receive(), channel.receive()]
    assert [(p.data, p.pid) for p in packets if p] == [(b"R", first), (b"D", second)]
    assert first != second


def test_end_of_file_is_not_an_empty_packet() -> None:
    """An empty packet is a packet; only the death of the last sender is the end."""
    with Channel() as channel:
        with socket.socket(fileno=os.dup(channel.child)) as sender:
            sender.send(b"")
        empty = channel.receive()
        channel.release()
        end = channel.receive()
    assert empty is not None
    assert empty.data == b""
    assert end is None


def test_attached_descriptors_are_dropped() -> None:
    """Descriptors that a sender attaches never enter this process."""
    with Channel() as channel:
        before = _descriptors()
        with socket.socket(fileno=os.dup(channel.child)) as sender:
            socket.send_fds(sender, [b"R"], [0, 1, 2])
        packet = channel.receive()
        after = _descriptors()
    assert packet is not None
    assert packet.data == b"R"
    assert after == before


def test_sending_to_nobody_is_reported() -> None:
    """Sending to a dead subject returns False and raises nothing."""
    with Channel() as channel:
        channel.release()
        assert channel.send(b"G") is False


@pytest.mark.parametrize("pending", [False, True])
def test_wait_tells_whether_something_can_be_read(pending: bool) -> None:
    """`wait` is true exactly if a packet is there."""
    with Channel() as channel:
        if pending:
            os.write(channel.child, b"R")
        assert channel.wait(0) is pending
