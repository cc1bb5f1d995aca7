"""Manifests of other people's programs: what is refused, and with which words."""

from pathlib import Path

import pytest

from coopbench.harness.errors import UsageError
from coopbench.suites.external.load import UnfitError, load_program
from coopbench.suites.external.manifest import Excluded, read_manifest
from coopbench.suites.external.suite import ExternalSuite, debian, open_manifest
from coopbench.suites.external.write import MARK, write_excluded

HEAD = 'name = "mine"\nlicence = "MIT"\n'
GOOD = HEAD + '[programs.one]\nrewritable = ["one.c"]\n'

BAD = {
    "no licence": ('name = "mine"\n[programs]\n', "licence"),
    "program without sources": (HEAD + "[programs.one]\nrewritable = []\n", "names no source"),
    "unknown key": (GOOD + 'includes = ["x"]\n', "did you mean 'include'"),
    "path out of the checkout": (HEAD + '[programs.a]\nrewritable = ["../x.c"]\n', "without `..`"),
    "absolute path": (HEAD + '[programs.a]\nrewritable = ["/etc/x.c"]\n', "without `..`"),
    "flag that reads a file": (GOOD + 'flags = ["-include/etc/passwd"]\n', "not allowed"),
    "define with a path": (GOOD + 'defines = ["A=/etc"]\n', "is not NAME or NAME=VALUE"),
    "library that is not there": (GOOD + 'libraries = ["z"]\n', "only the C library"),
    "pattern without one": (GOOD + 'comparator = "pattern"\n', "needs pattern"),
    "pattern that is none": (GOOD + 'pattern = "("\n', "no regular expression"),
    "tolerance without tokens": (GOOD + 'float_policy = "relative"\n', "needs comparator tokens"),
    "name with capitals": (HEAD + '[programs.One]\nrewritable = ["one.c"]\n', "only a-z"),
    "size that it lacks": (GOOD + 'size = "huge"\n', "has no size 'huge'; it has ref"),
    "no table": (HEAD + "[programs]\none = 3\n", "must be a table"),
    "no TOML": ("name = \n", "not valid TOML"),
    "pitfall that is none": (
        GOOD + '[[excluded]]\nname = "one"\npitfall = "ugly"\nwhy = "so"\n',
        "excluded",
    ),
    "generated without sizes": (
        GOOD + 'stdin = { kind = "words", size = "n" }\n',
        "generated inputs need sizes",
    ),
}


def write(folder: Path, text: str) -> Path:
    """Write a manifest."""
    path = folder / "suite.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD)
def test_bad_manifest(tmp_path: Path, text: str, said: str) -> None:
    """A manifest with a mistake is refused with its path and the mistake."""
    path = write(tmp_path, text)
    with pytest.raises(UsageError) as error:
        read_manifest(path)
    assert said in str(error.value)
    assert str(path) in str(error.value)


def test_missing_manifest(tmp_path: Path) -> None:
    """A folder without a manifest is named."""
    with pytest.raises(UsageError, match=r"cannot read .*suite\.toml"):
        open_manifest(tmp_path)


def test_defaults_and_sizes(tmp_path: Path) -> None:
    """What stands under defaults holds for every program, unless it says otherwise."""
    text = (
        HEAD
        + '[defaults]\nstd = "gnu89"\nrewritable = ["all.c"]\n'
        + "[defaults.sizes]\nref = {}\nbig = { argv = ['9'] }\n"
        + '[programs.one]\n[programs.two]\nstd = "gnu11"\n[programs.three]\nsizes = { ref = {} }\n'
    )
    manifest = read_manifest(write(tmp_path, text))
    assert manifest.programs["one"].std == "gnu89"
    assert manifest.programs["two"].std == "gnu11"
    with pytest.raises(UsageError, match="'three' has no size 'big'"):
        read_manifest(tmp_path / "suite.toml", size="big")


def test_wrong_checkout(tmp_path: Path) -> None:
    """A checkout that is not there is named with the key to mend."""
    path = write(tmp_path, 'root = "nowhere"\n' + GOOD)
    with pytest.raises(UsageError, match=r"nowhere is not there; set `root`"):
        _ = open_manifest(path).benchmarks


def test_missing_file_excludes_one(tmp_path: Path) -> None:
    """A program whose file is missing is excluded by name; the others are loaded."""
    (tmp_path / "two.c").write_text("int main(void) { return 0; }\n")
    path = write(tmp_path, GOOD + '[programs.two]\nrewritable = ["two.c"]\n')
    suite = open_manifest(path)
    assert [b.name for b in suite.benchmarks] == ["two"]
    assert [(e.name, e.pitfall) for e in suite.excluded] == [("one", "missing file")]
    (left_out,) = suite.unavailable
    assert left_out.what == "program one"
    assert "one.c" in left_out.why


def test_exclusions_are_kept_by_size(tmp_path: Path) -> None:
    """An exclusion found at one size says nothing about another; one by hand always holds."""
    (tmp_path / "one.c").write_text("int main(void) { return 0; }\n")
    text = GOOD + "sizes = { small = {}, big = {} }\n"
    path = write(tmp_path, text.replace(HEAD, HEAD + 'size = "small"\n'))
    write_excluded(path, [Excluded(name="one", pitfall="too short", why="0.1 ms", size="small")])
    with pytest.raises(UsageError, match=r"every program is excluded, e\.g\. one: 0\.1 ms"):
        _ = open_manifest(path).benchmarks
    assert [b.name for b in open_manifest(path, "big").benchmarks] == ["one"]


def test_rewriting_exclusions_keeps_the_rest(tmp_path: Path) -> None:
    """What a user wrote, comments too, stands; what checks found is replaced."""
    by_hand = "# mine\n" + GOOD + '[[excluded]]\nname = "one"\npitfall = "by hand"\nwhy = "so"\n'
    path = write(tmp_path, by_hand)
    for why in ("first", "second"):
        write_excluded(path, [Excluded(name="two", pitfall="too short", why=why)])
    text = path.read_text()
    assert text.startswith(by_hand)
    assert text.count(MARK) == 1
    assert [e.why for e in read_manifest(path).excluded] == ["so", "second"]
    write_excluded(path, [])
    assert path.read_text() == by_hand


def test_sources_are_read_in_place(tmp_path: Path) -> None:
    """Headers keep their folders, sources get plain names, and equal names are told apart."""
    for name, text in {
        "lib/a/code.c": '#include "../common.h"\n#include <deep/x.h>\nint main(void) { return 0; }\n',
        "lib/b/code.c": "int b;\n",
        "lib/common.h": '#include "missing.h"\n',
        "inc/deep/x.h": '#include "y.h"\n',
        "inc/deep/y.h": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    sources = 'rewritable = ["lib/a/code.c", "lib/b/code.c"]\ninclude = ["inc"]\n'
    manifest = read_manifest(write(tmp_path, HEAD + "[programs.one]\n" + sources))
    suite = ExternalSuite(tmp_path / "suite.toml", manifest)
    benchmark = load_program("one", manifest, suite.place)
    assert sorted(benchmark.files) == ["lib__a__code.c", "lib__b__code.c"]
    assert benchmark.foreign is not None
    project = benchmark.foreign.project
    assert [path for path, _ in project.headers] == ["inc/deep/x.h", "inc/deep/y.h", "lib/common.h"]
    flags = project.flags_for("lib__a__code.c")
    assert flags[flags.index("-iquote") :][:2] == ("-iquote", "tree/lib/a")
    assert "-Itree/inc" in flags


def test_digest_covers_what_is_not_rewritable(tmp_path: Path) -> None:
    """A change of a header, a protected source or a define is another benchmark."""
    (tmp_path / "one.c").write_text('#include "one.h"\n')
    (tmp_path / "one.h").write_text("")
    (tmp_path / "main.c").write_text("int main(void) { return 0; }\n")
    text = GOOD + 'protected = ["main.c"]\n'

    def digest(manifest: str) -> str:
        return open_manifest(write(tmp_path, manifest)).benchmarks[0].digest

    seen = {digest(text), digest(text + 'defines = ["A"]\n')}
    (tmp_path / "one.h").write_text("int x;\n")
    seen.add(digest(text))
    (tmp_path / "main.c").write_text("int main(void) { return 1; }\n")
    seen.add(digest(text))
    assert len(seen) == 4


def test_reference_files_are_read(tmp_path: Path) -> None:
    """A reference output that is missing makes its program unfit, by the file's name."""
    (tmp_path / "one.c").write_text("")
    text = GOOD + 'sizes = { ref = { reference = "one.reference_output" } }\n'
    manifest = read_manifest(write(tmp_path, text))
    suite = ExternalSuite(tmp_path / "suite.toml", manifest)
    with pytest.raises(UnfitError, match=r"one\.reference_output"):
        load_program("one", manifest, suite.place)


def test_debian_manifest_is_complete() -> None:
    """Every program of the Debian suite has a pinned package, a licence, a driver and sizes."""
    suite = debian()
    manifest = suite.manifest
    assert len(manifest.programs) >= 8
    assert {e.root for e in manifest.programs.values()} == set(manifest.packages)
    for entry in manifest.programs.values():
        assert entry.licence
        assert entry.generated
        assert set(entry.hidden) == {"n"}
        values = [entry.sizes[p].values["n"] for p in ("test", "small", "ref")]
        assert values == sorted(values)
        for path in (*entry.drivers, *entry.stand_ins):
            assert (suite.path.parent / path).is_file()
