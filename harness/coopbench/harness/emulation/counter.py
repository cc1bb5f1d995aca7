"""The page of memory in which the plugin counts, shared with this process."""

import fcntl
import mmap
import os
import struct
from typing import Self

_LAYOUT = struct.Struct("<2Q")  # struct counter in plugin.c


class Counter:
    """One launch's instruction counter; `fd` is to be given to the emulator.

    The file cannot be resized, so reading never fails however the subject behaves.
    """

    def __init__(self) -> None:
        flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
        self.fd = os.memfd_create("instructions", flags)
        os.ftruncate(self.fd, mmap.PAGESIZE)
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
        fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, seals)
        self._page = mmap.mmap(self.fd, mmap.PAGESIZE)

    @property
    def instructions(self) -> int:
        """Guest instructions retired so far."""
        return int(_LAYOUT.unpack_from(self._page)[0])

    @property
    def vcpus(self) -> int:
        """Virtual CPUs started: 0 before the guest runs, 2 if it was ended for a thread."""
        return int(_LAYOUT.unpack_from(self._page)[1])

    def close(self) -> None:
        """Release the page."""
        self._page.close()
        os.close(self.fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
