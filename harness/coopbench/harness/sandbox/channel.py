"""Packet channel to a sandboxed process whose sender the kernel vouches for.

The parent's end of the socket pair asks for the sender's credentials (SO_PASSCRED, unix(7)).
The kernel attaches them to every packet, translated into the parent's pid namespace; a
process without privileges can name no pid but its own.
"""

import select
import socket
import struct
from dataclasses import dataclass
from typing import Self

_CREDENTIALS = struct.Struct("3i")
# Room for the credentials only: descriptors that a subject attaches are dropped by the kernel.
_ANCILLARY_BYTES = socket.CMSG_SPACE(_CREDENTIALS.size)
_PACKET_BYTES = 512


@dataclass(frozen=True)
class Packet:
    """One packet and the process that sent it."""

    data: bytes
    pid: int


class Channel:
    """The parent's end; `child` is the other end's descriptor until `release` closes it."""

    def __init__(self) -> None:
        self._parent, self._child = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._parent.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._poll = select.poll()
        self._poll.register(self._parent, select.POLLIN)

    @property
    def child(self) -> int:
        """Descriptor of the child's end."""
        return self._child.fileno()

    def release(self) -> None:
        """Close our copy of the child's end, so that its death shows as end of file."""
        self._child.close()

    def wait(self, seconds: float) -> bool:
        """Wait until a packet or the end of file can be read; False if time ran out."""
        return bool(self._poll.poll(max(0.0, seconds) * 1e3))

    def receive(self) -> Packet | None:
        """Return the next packet, waiting for it; None at the end of file."""
        try:
            data, ancillary, _flags, _address = self._parent.recvmsg(
                _PACKET_BYTES, _ANCILLARY_BYTES
            )
        except ConnectionResetError:
            return None
        for level, kind, raw in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                pid, _uid, _gid = _CREDENTIALS.unpack(raw[: _CREDENTIALS.size])
                return Packet(data, pid)
        return None

    def send(self, data: bytes) -> bool:
        """Send a packet; False if nobody is left to read it."""
        try:
            self._parent.send(data)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def close(self) -> None:
        """Close both ends."""
        self._parent.close()
        self._child.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
