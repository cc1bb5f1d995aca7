"""The curated kernels against independent oracles, compilers' warnings and sanitizers."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coopbench.harness.benchmark import Benchmark
from coopbench.suites.catalog import curated

pytestmark = pytest.mark.e2e

TESTS = Path(__file__).resolve().parent.parent
CALL = TESTS / "support" / "suite_call.py"
KERNELS = [b for b in curated().benchmarks if b.is_kernel]
STRICT = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off"]

every_kernel = pytest.mark.parametrize("benchmark_", KERNELS, ids=lambda b: b.name)


def pinned_clang(triple: str) -> list[str]:
    """Return the command of the pinned clang for a target with musl's headers."""
    spec = importlib.util.find_spec("ziglang")
    if spec is None or spec.origin is None:
        pytest.skip("ziglang is not installed")
    lib = Path(spec.origin).parent / "lib"
    arch = "x86" if triple.startswith("x86") else "aarch64"
    folders = [
        lib / "include",
        *(lib / "libc" / "include" / name for name in (triple, "generic-musl")),
        *(lib / "libc" / "include" / name for name in (f"{arch}-linux-any", "any-linux-any")),
    ]
    headers = [word for folder in folders for word in ("-isystem", str(folder))]
    return [sys.executable, "-m", "ziglang", "clang", f"--target={triple}", "-nostdinc", *headers]


def system(*names: str) -> list[str]:
    """Return the command of the first of these compilers that is installed."""
    for name in names:
        path = shutil.which(name)
        if path is not None:
            return [path]
    pytest.skip(f"none of {', '.join(names)} is installed")


def compiler(name: str) -> list[str]:
    """Return a compiler's command, or skip the test."""
    if name == "gcc":
        return system("gcc")
    if name == "clang":
        return system("clang-19", "clang")
    return pinned_clang(name)


def sources(benchmark: Benchmark, pattern: str) -> list[Path]:
    """Return a kernel's reference and its variants of some kind."""
    variants = (TESTS / "variants" / benchmark.name).glob(pattern)
    return [benchmark.root / "kernel.c", *sorted(variants)]


def shared(source: Path, to: Path, command: list[str], *options: str) -> Path:
    """Build a shared library from one of our own sources."""
    library = to / f"{source.stem}.so"
    flags = [*STRICT, "-O2", "-g", "-shared", "-fPIC", *options]
    subprocess.run([*command, *flags, str(source), "-o", str(library), "-lm"], check=True)
    return library


def verdicts(
    benchmark: Benchmark, libraries: list[Path], *options: str, env: dict[str, str] | None = None
) -> tuple[dict[str, str], str]:
    """Compare libraries with the oracle; return a verdict by variant, and what was said on stderr."""
    command = [sys.executable, str(CALL), str(benchmark.root), *map(str, libraries), *options]
    done = subprocess.run(
        command,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {Path(k).stem: v for k, v in json.loads(done.stdout).items()}, done.stderr


def sanitizer() -> tuple[list[str], dict[str, str]]:
    """Return clang's command for a sanitized library, and the environment to load it in."""
    clang = system("clang-19")
    ask = [*clang, f"-print-file-name=libclang_rt.asan-{os.uname().machine}.so"]
    runtime = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    if not Path(runtime).is_file():
        pytest.skip("clang's shared AddressSanitizer runtime is missing (libclang-rt-19-dev)")
    options = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-shared-libasan"]
    return [*clang, *options], {"LD_PRELOAD": runtime, "ASAN_OPTIONS": "detect_leaks=0"}


@pytest.mark.parametrize("name", ["x86_64-linux-musl", "aarch64-linux-musl", "gcc", "clang"])
def test_sources_compile_without_warnings(name: str, tmp_path: Path) -> None:
    """Pinned clang (both architectures), gcc and the system's clang have nothing to say."""
    command = compiler(name)
    for benchmark in curated().benchmarks:
        for file in benchmark.files:
            if not file.endswith(".c"):
                continue
            source = str(benchmark.root / file)
            for level in ("-O0", "-O3"):
                words = [*command, *STRICT, level, "-c", source, "-o", str(tmp_path / "x.o")]
                done = subprocess.run(words, capture_output=True, text=True, check=False)
                assert done.returncode == 0, f"{benchmark.name}/{file} {level}: {done.stderr}"


@every_kernel
def test_only_the_contract_function_is_external(benchmark_: Benchmark, tmp_path: Path) -> None:
    """A kernel defines the one function of its contract and keeps no writable state."""
    nm = system("nm", "llvm-nm-19")
    library = tmp_path / "kernel.o"
    source = str(benchmark_.root / "kernel.c")
    command = [*system("gcc", "clang-19"), *STRICT, "-O1", "-c", source, "-o", str(library)]
    subprocess.run(command, check=True)
    listing = subprocess.run([*nm, str(library)], capture_output=True, text=True, check=True).stdout
    symbols = [line.split()[-2:] for line in listing.splitlines()]
    assert [name for kind, name in symbols if kind == "T"] == [benchmark_.contract.function]
    assert not [name for kind, name in symbols if kind in "BbDdC"]


@every_kernel
def test_there_are_variants(benchmark_: Benchmark) -> None:
    """Every kernel has a known-good and two known-bad variants; bad ones say what is wrong."""
    folder = TESTS / "variants" / benchmark_.name
    assert len(list(folder.glob("good_*.c"))) >= 1
    assert len(list(folder.glob("bad_*.c"))) >= 2
    for source in folder.glob("*.c"):
        first = source.read_text("utf-8").splitlines()[0]
        assert first.startswith("/* Wrong: ") == source.name.startswith("bad_")
        assert first.startswith("/* ")
        assert first.endswith(". */")


@every_kernel
def test_reference_and_good_variants_agree_with_oracle(
    benchmark_: Benchmark, tmp_path: Path
) -> None:
    """The C source and legal rewrites compute what an independent Python oracle does."""
    clang = system("clang-19", "clang", "gcc")
    libraries = [shared(s, tmp_path, clang) for s in sources(benchmark_, "good_*.c")]
    found, _ = verdicts(benchmark_, libraries)
    assert set(found.values()) == {"agrees"}, found


@every_kernel
def test_bad_variants_differ(benchmark_: Benchmark, tmp_path: Path) -> None:
    """Each tempting wrong rewrite differs on a legal input, or crashes there."""
    clang = system("clang-19", "clang", "gcc")
    libraries = [shared(s, tmp_path, clang) for s in sources(benchmark_, "bad_*.c")]
    found, _ = verdicts(benchmark_, libraries)
    assert found.pop("kernel") == "agrees"
    assert not [name for name, verdict in found.items() if verdict == "agrees"]
    ended = {name: v for name, v in found.items() if v.startswith("ended with")}
    assert all(v.startswith("ended with -") for v in ended.values()), ended  # by a signal


@every_kernel
def test_sanitizers_find_nothing(benchmark_: Benchmark, tmp_path: Path) -> None:
    """References and good variants are clean under ASan and UBSan, with buffers from malloc."""
    clang, env = sanitizer()
    libraries = [shared(s, tmp_path, clang) for s in sources(benchmark_, "good_*.c")]
    found, said = verdicts(benchmark_, libraries, "--heap", env=env)
    assert set(found.values()) == {"agrees"}, said[:4000]


def test_sanitizers_would_find_something(tmp_path: Path) -> None:
    """The same set-up does report a kernel that reads past the end of its input."""
    clang, env = sanitizer()
    source = TESTS / "variants" / "hist_skew" / "bad_over_read.c"
    library = shared(source, tmp_path, clang)
    found, said = verdicts(curated().benchmark("hist_skew"), [library], "--heap", env=env)
    assert found["bad_over_read"].startswith("ended with")
    assert "heap-buffer-overflow" in said
