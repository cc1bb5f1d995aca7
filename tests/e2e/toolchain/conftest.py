"""A builder with the real tools and an empty cache, and a way to run what it makes."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Recipe, Target
from coopbench.harness.toolchain.build import Builder, Built
from coopbench.harness.toolchain.cache import Cache, cache_home
from coopbench.harness.toolchain.compilers import Compilers
from coopbench.harness.toolchain.discover import discover
from coopbench.harness.toolchain.host import Host, find_target, read_host
from coopbench.harness.toolchain.process import Limits
from coopbench.harness.toolchain.runtime import ensure_runtime

PROGRAM = """
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int weights[8] = {1, 2, 3, 4, 5, 6, 7, 8};

__attribute__((noinline)) double weighted(const double *a, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i] * weights[i & 7];
    return sum;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 1000;
    double *a = malloc(n * sizeof *a);
    for (int i = 0; i < n; i++)
        a[i] = sqrt(i) + (double)strlen("four");
    printf("%.17g\\n", weighted(a, n));
    free(a);
    return 0;
}
"""

MakeBuilder = Callable[..., Builder]


@pytest.fixture(scope="session")
def host() -> Host:
    """Return this machine."""
    return read_host()


@pytest.fixture(scope="session")
def real_cache() -> Cache:
    """Return the user's own cache, where the C library is made once and for all tests."""
    return Cache(cache_home(os.environ))


@pytest.fixture(scope="session")
def compilers(real_cache: Cache) -> Compilers:
    """Return every compiler of this machine."""
    return discover(real_cache)


@pytest.fixture(scope="session")
def runtime_folder(real_cache: Cache, compilers: Compilers) -> Path:
    """Return the folder with the C libraries of both architectures."""
    for arch in compilers.pinned.arches:
        ensure_runtime(compilers.toolkit, arch, real_cache)
    return real_cache.home / "runtime"


@pytest.fixture
def new_builder(
    tmp_path: Path, host: Host, compilers: Compilers, runtime_folder: Path
) -> MakeBuilder:
    """Return a function that makes a builder whose cache is empty but for the C library."""

    def make(name: str = "cache", limits: Limits | None = None, **more: object) -> Builder:
        home = tmp_path / name
        home.mkdir(exist_ok=True)
        if not (home / "runtime").exists():
            (home / "runtime").symlink_to(runtime_folder)
        return Builder(compilers, Cache(home), host, limits=limits, **more)  # type: ignore[arg-type]

    return make


@pytest.fixture
def builder(new_builder: MakeBuilder) -> Builder:
    """Return a builder with an empty cache."""
    return new_builder()


@pytest.fixture(params=["x86-64-v2", "armv8-a"])
def target(request: pytest.FixtureRequest, host: Host) -> Target:
    """Return each of the starter plan's targets."""
    return find_target(request.param, host)


@pytest.fixture
def native(host: Host) -> Target:
    """Return a target that this machine runs itself."""
    return find_target("x86-64-v2" if host.arch == "x86_64" else "armv8-a", host)


@pytest.fixture
def program() -> str:
    """Return a small C program that uses the C library and prints one number."""
    return PROGRAM


@pytest.fixture
def candidate() -> Callable[..., Candidate]:
    """Return a function that makes a candidate of one file from text, level and recipe."""

    def make(text: str = PROGRAM, level: Level = Level.C, **recipe: object) -> Candidate:
        return Candidate(
            benchmark="test",
            level=level,
            files={f"main{level.suffix}": text},
            recipe=Recipe.model_validate(recipe),
            made_by="test",
        )

    return make


@pytest.fixture
def build() -> Callable[..., Built]:
    """Return a function that builds a candidate which must build."""

    def run(builder: Builder, made: Candidate, target: Target, **more: object) -> Built:
        result = builder.build(made, target, **more)  # type: ignore[arg-type]
        assert isinstance(result, Built), result
        return result

    return run


@pytest.fixture
def run_exe(host: Host) -> Callable[..., str]:
    """Return a function that runs an executable, emulated if need be, and returns its output."""

    def run(exe: Path, target: Target, *args: str, **environment: str) -> str:
        command = [str(exe), *args]
        if target.arch != host.arch:
            emulator = shutil.which(f"qemu-{target.arch}")
            if emulator is None:
                pytest.skip(f"qemu-{target.arch} is not installed")
            command = [emulator, *command]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout

    return run
