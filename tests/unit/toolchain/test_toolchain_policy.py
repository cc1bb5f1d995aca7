"""What recipes and file names may say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Recipe
from coopbench.harness.toolchain.policy import objection, recipe_objection

ALLOWED_FRONTEND = (
    ("-O3",),
    ("-O0",),
    ("-Os",),
    ("-Ofast",),
    ("-O3", "-ffast-math"),
    ("-O3", "-ffast-math", "-ffp-contract=fast"),
    ("-O3", "-mllvm", "-polly"),
    ("-O3", "-mllvm", "-polly-vectorizer=stripmine"),
    ("-O2", "-fno-vectorize", "-funroll-loops", "-fno-math-errno"),
    ("-O3", "-mprefer-vector-width=512", "-mtune=native"),
    ("-DNDEBUG", "-DSIZE=64", "-UDEBUG"),
    ("-std=gnu11", "-w", "-Wno-all"),
    ("-ffp-contract=off",),
    ("-fomit-frame-pointer", "-fno-pie", "-falign-functions=32"),
    ("--param=max-unroll-times=4",),
)
REFUSED_FRONTEND = (
    ("-o", "x"),
    ("-o/tmp/x",),
    ("-I/etc",),
    ("-include", "secret.h"),
    ("-fplugin=evil.so",),
    ("-fpass-plugin=evil.so",),
    ("-Wl,-T,script",),
    ("-Wa,--listing=x",),
    ("-Wp,-MD,x",),
    ("-Xclang", "-load"),
    ("-march=native",),
    ("-mcpu=native",),
    ("-m32",),
    ("--target=i386",),
    ("-B/tmp",),
    ("-specs=x",),
    ("-wrapper", "x"),
    ("@file",),
    ("other.c",),
    ("-x", "ir"),
    ("-ffp-contract=fast",),
    ("-ffp-contract=on",),
    ("-fprofile-use=x",),
    ("-fsanitize=address",),
    ("-flto",),
    ("-fopenmp",),
    ("-DPATH=/etc/passwd",),
    ("-mllvm", "-load=x.so"),
    ("-mllvm", "-pass-remarks-output=x"),
    ("-mllvm",),
    ("-ftime-trace=x",),
    ("-save-temps",),
    ("-E",),
    ("-g",),
    ("-fsyntax-only",),
    ("",),
)


def candidate(level: Level = Level.C, **files: str) -> Candidate:
    """Return a candidate whose files are given with `__` for the dot."""
    named = {name.replace("__", "."): text for name, text in files.items()}
    return Candidate(benchmark="b", level=level, files=named, made_by="test")


@pytest.mark.parametrize("flags", ALLOWED_FRONTEND)
def test_flags_of_compiler_entrants_are_allowed(flags: tuple[str, ...]) -> None:
    """The flags that tune a compiler are no objection."""
    assert recipe_objection(Recipe(frontend=flags)) is None


@pytest.mark.parametrize("flags", REFUSED_FRONTEND)
def test_flags_that_break_purity_are_refused(flags: tuple[str, ...]) -> None:
    """A flag that names a file, loads code, changes the target or contracts floats is refused."""
    problem = recipe_objection(Recipe(frontend=("-O3", *flags)))
    assert problem is not None
    assert "\n" not in problem


@pytest.mark.parametrize(
    "options", [("-inline-threshold=500",), ("-unroll-count=8", "--enable-loop-flatten=true")]
)
def test_options_of_passes_are_allowed(options: tuple[str, ...]) -> None:
    """Parameters of passes are no objection, for opt and for llc."""
    assert recipe_objection(Recipe(passes="default<O3>", pass_options=options)) is None
    assert recipe_objection(Recipe(passes="default<O3>", codegen=("-O2", *options))) is None


@pytest.mark.parametrize(
    "option",
    [
        "-o=x",
        "-load=x.so",
        "-load-pass-plugin=x.so",
        "-info-output-file=x",
        "-pass-remarks-output=x",
        "-mtriple=aarch64",
        "-mcpu=native",
        "-mattr=+avx512f",
        "-fp-contract=fast",
        "-profile-file=/x",
        "-filetype=obj",
        "other.ll",
        "-x=/etc/passwd",
        "-view-cfg",
        "@file",
    ],
)
def test_options_that_break_purity_are_refused(option: str) -> None:
    """The tools behind the front end are no way round the rules."""
    assert recipe_objection(Recipe(passes="default<O3>", pass_options=(option,))) is not None
    assert recipe_objection(Recipe(passes="default<O3>", codegen=(option,))) is not None


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_flag_with_a_slash_is_allowed(before: str, after: str) -> None:
    """No flag anywhere in a recipe can name a file of another folder."""
    flag = f"-{before}/{after}"
    assert recipe_objection(Recipe(frontend=(flag,))) is not None
    assert recipe_objection(Recipe(frontend=("-mllvm", flag))) is not None
    assert recipe_objection(Recipe(pass_options=(flag,))) is not None
    assert recipe_objection(Recipe(codegen=(flag,))) is not None
    assert recipe_objection(Recipe(passes=f"{before}/{after}")) is not None
    assert recipe_objection(Recipe(march=f"{before}/{after}")) is not None


@pytest.mark.parametrize(
    "name",
    ["../kernel.c", "/etc/x.c", "a b.c", "-o.c", ".c", "kernel", "kernel.c\n", "é.c", "a/b.c"],
)
def test_file_names_are_plain(name: str) -> None:
    """A file name cannot leave the build folder or pass for a flag."""
    made = Candidate(benchmark="b", level=Level.C, files={name: ""}, made_by="test")
    assert objection(made) is not None


def test_files_belong_to_the_level() -> None:
    """Headers go with C only; a level's candidate has at least one file of its suffix."""
    assert objection(candidate(main__c="", util__h="")) is None
    assert objection(candidate(Level.IR, kernel__ll="")) is None
    assert objection(candidate(Level.ASM, kernel__s="")) is None
    assert objection(candidate(Level.IR, kernel__ll="", util__h="")) is not None
    assert objection(candidate(Level.ASM, kernel__c="")) is not None
    assert objection(candidate(util__h="")) is not None
    assert objection(candidate()) is not None


def test_endless_texts_are_refused() -> None:
    """A candidate of hundreds of megabytes is refused before a compiler sees it."""
    assert objection(candidate(main__c=" " * 9_000_000)) is not None
