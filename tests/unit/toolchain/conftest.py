"""Fake tools: shell scripts that act like compilers as far as a test needs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from coopbench.harness.toolchain.cache import Cache
from coopbench.harness.toolchain.compilers import Compilers
from coopbench.harness.toolchain.discover import discover

Script = Callable[..., Path]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Return a function that writes an executable shell script and returns its path."""

    def write(name: str, body: str, folder: str = "bin") -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture(scope="session")
def warm_cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    """Return a cache that many tests share, so that the pinned tools are hashed once."""
    return Cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def pinned_only(warm_cache: Cache) -> Compilers:
    """Return what is found where there are no system compilers."""
    return discover(warm_cache, search_path="")
