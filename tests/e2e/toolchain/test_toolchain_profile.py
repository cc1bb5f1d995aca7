"""Profile-guided optimization from instrumentation to the profile's use."""

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from coopbench.harness.base import Level
from coopbench.harness.errors import MissingToolError
from coopbench.harness.model import Candidate, Recipe, Target
from coopbench.harness.toolchain.build import Builder, Built
from coopbench.harness.toolchain.compilers import Compilers
from coopbench.harness.toolchain.constituents import Source, compile_to_ir
from coopbench.harness.toolchain.step import Artifact, BuildFailure

pytestmark = pytest.mark.e2e

Make = Callable[..., Candidate]
Build = Callable[..., Built]
Run = Callable[..., str]

SKEWED = """
#include <stdio.h>
__attribute__((noinline)) int rare(int x) { return x * 37 % 101; }
int main(void)
{
    long sum = 0;
    for (int i = 0; i < 10000; i++)
        sum += i % 1000 == 999 ? rare(i) : i ^ 5;
    printf("%ld\\n", sum);
    return 0;
}
"""


@pytest.fixture
def clang(compilers: Compilers) -> str:
    """Return a clang that can make profiles."""
    able = [c.id for c in compilers.all if c.features.pgo]
    if not able:
        pytest.skip("no clang with a profile runtime on this machine")
    return able[0]


def train(builder: Builder, made: Candidate, target: Target, run_exe: Run, folder: Path) -> bytes:
    """Build with counters, run once, and return the merged profile."""
    training = builder.training_target(target)
    exe = builder.build_instrumented(made, training, folder / "counting")
    assert isinstance(exe, Path), exe
    run_exe(exe, training, LLVM_PROFILE_FILE=str(folder / "raw"))
    profile = builder.merge_profiles([(folder / "raw").read_bytes()], made.recipe.compiler)
    assert isinstance(profile, bytes), profile
    return profile


@pytest.mark.parametrize(
    "recipe", [{}, {"passes": "default<O3>"}, {"lto": True}], ids=["plain", "passes", "lto"]
)
def test_profile_changes_code_and_not_results(
    builder: Builder,
    target: Target,
    clang: str,
    candidate: Make,
    build: Build,
    run_exe: Run,
    tmp_path: Path,
    recipe: dict[str, object],
) -> None:
    """With a profile the never-inlined rare path is known to be cold; the output is the same."""
    plain = candidate(SKEWED, compiler=clang, **recipe)
    profile = train(builder, plain, target, run_exe, tmp_path)
    name = hashlib.sha256(profile).hexdigest()
    guided = candidate(SKEWED, compiler=clang, profile=name, **recipe)
    outputs = []
    for i, (made, profiles) in enumerate(((plain, {}), (guided, {name: profile}))):
        exe = builder.link(
            build(builder, made, target, profiles=profiles).objects, target, tmp_path / f"{i}"
        )
        assert isinstance(exe, Path)
        outputs.append(run_exe(exe, target))
    assert outputs[0] == outputs[1] != ""
    asm = build(builder, guided, target, profiles={name: profile}).assembly[0]
    assert asm != build(builder, plain, target).assembly[0]


def test_kernel_is_trained_with_a_driver_around_it(
    builder: Builder,
    native: Target,
    clang: str,
    candidate: Make,
    build: Build,
    run_exe: Run,
    tmp_path: Path,
) -> None:
    """A kernel without a main is instrumented, its driver is not."""
    kernel = candidate("int kernel(int x) { return x > 3 ? x * 2 : x + 1; }\n", compiler=clang)
    driver = candidate(
        "#include <stdio.h>\nint kernel(int);\n"
        'int main(void) { int s = 0; for (int i = 0; i < 9; i++) s += kernel(i); printf("%d", s); }\n'
    )
    objects = build(builder, driver, native).objects
    exe = builder.build_instrumented(kernel, native, tmp_path / "exe", main_objects=objects)
    assert isinstance(exe, Path), exe
    assert run_exe(exe, native, LLVM_PROFILE_FILE=str(tmp_path / "raw")) == "70"
    raw = (tmp_path / "raw").read_bytes()
    merged = builder.merge_profiles([raw, raw], clang)
    assert isinstance(merged, bytes)
    (tmp_path / "merged").write_bytes(merged)
    profdata = builder.compilers.get(clang).tools.profdata
    assert profdata is not None
    command = [*profdata.argv, "show", "--all-functions", str(tmp_path / "merged")]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "kernel:" in shown
    assert "main:" not in shown
    assert "Maximum function count: 18" in shown, "two runs of nine calls"


def test_ir_can_be_trained(
    builder: Builder, native: Target, clang: str, candidate: Make, run_exe: Run, tmp_path: Path
) -> None:
    """An IR candidate with passes gets its profile through opt."""
    setting = builder.setting(Recipe(compiler=clang), native)
    ir = compile_to_ir(setting, Source("main.c", SKEWED), ("-O3",), form="text")
    assert isinstance(ir, Artifact)
    plain = candidate(ir.text(), Level.IR, compiler=clang, passes="default<O3>")
    profile = train(builder, plain, native, run_exe, tmp_path)
    name = hashlib.sha256(profile).hexdigest()
    recipe = plain.recipe.model_copy(update={"profile": name})
    guided = plain.model_copy(update={"recipe": recipe})
    results = [builder.build(c, native, profiles={name: profile}) for c in (plain, guided)]
    assert isinstance(results[0], Built)
    assert isinstance(results[1], Built)
    assert results[0].sha256 != results[1].sha256


def test_damaged_profile_is_the_candidates_failure(builder: Builder, clang: str) -> None:
    """What an instrumented candidate wrote is not trusted to be a profile."""
    made = builder.merge_profiles([b"no profile"], clang)
    assert isinstance(made, BuildFailure)
    assert made.stage == "profile"


def test_pinned_compiler_cannot_make_profiles(
    builder: Builder, native: Target, candidate: Make, tmp_path: Path
) -> None:
    """The wheels have no profile runtime; the message says what can be used instead."""
    with pytest.raises(MissingToolError, match=r"pinned cannot make profiles here; (use|install)"):
        builder.build_instrumented(candidate(), native, tmp_path / "exe")
