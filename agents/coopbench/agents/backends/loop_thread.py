"""Runs coroutines for callers in other threads, so that a hard deadline can be kept.

The time limits of client libraries count from byte to byte, which a trickling server never
exceeds. A coroutine can be cancelled at any moment, wherever it waits.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

GRACE_S = 2.0
"""How long a cancelled coroutine may take to clean up before its caller goes on without it."""


class LoopThread:
    """An event loop in a thread of its own; several callers may use it at once.

    Args:
        name: Of the thread.
    """

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def run(self, make: Callable[[], Coroutine[Any, Any, T]], seconds: float) -> T:
        """Run a coroutine to its end, or cancel it when the time is up.

        Raises:
            TimeoutError: if it did not end in time.
            concurrent.futures.CancelledError: if the thread was closed meanwhile.
            RuntimeError: if it was closed before.
        """
        coroutine = self._bounded(make, seconds)
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError:
            coroutine.close()
            raise
        try:
            return future.result(seconds + GRACE_S)
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """Cancel what still runs, and end the thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2 * GRACE_S)

    @staticmethod
    async def _bounded(make: Callable[[], Coroutine[Any, Any, T]], seconds: float) -> T:
        async with asyncio.timeout(seconds):
            return await make()

    def _serve(self) -> None:
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(self._wind_up())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    @staticmethod
    async def _wind_up() -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
