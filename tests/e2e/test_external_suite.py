"""Other people's programs with real compilers in the sandbox: each pitfall is found, by name."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support import mock_suites

from coopbench.harness.base import Level
from coopbench.harness.benchmark import Benchmark
from coopbench.harness.cases import Failure
from coopbench.harness.compose import LIMITS, Hall, default_targets, make_cases, open_hall
from coopbench.harness.errors import UsageError
from coopbench.harness.executables import Executables, Made
from coopbench.harness.launch import Launcher
from coopbench.harness.model import Candidate, Outcome, Recipe, Target
from coopbench.harness.program_output import Output
from coopbench.harness.stored_cases import ReplayCases, StoredCases
from coopbench.harness.toolchain.step import BuildFailure
from coopbench.suites.external.add import AddOptions, add
from coopbench.suites.external.check import Checker
from coopbench.suites.external.suite import open_manifest
from coopbench.suites.readers.scaffold import Wish

pytestmark = pytest.mark.e2e

LIMIT_S = 3.0
HEAD = 'name = "mine"\nlicence = "MIT"\n'


def added(
    path: Path, wish: Wish | None = None, size: str | None = None, manifest: Path | None = None
) -> dict[str, str]:
    """Add a folder; return each program's pitfall, `good` for those without."""
    chosen = AddOptions(
        size=size,
        targets=(default_targets()[0].name,),
        limit_s=LIMIT_S,
        wish=wish or Wish(),
        manifest=manifest,
    )
    outcome = add(path, chosen, lambda _: None)
    found = dict.fromkeys(outcome.good, "good")
    return found | {e.name: e.pitfall for e in outcome.excluded}


def test_reference_outputs_and_pitfalls(tmp_path: Path) -> None:
    """Every bad program of a folder is excluded with its reason, and the good one stays."""
    root = mock_suites.reference_checkout(tmp_path / "up")
    assert added(root) == {
        "good": "good",
        "wrong": "wrong output",
        "clock": "reads the clock",
        "endless": "does not terminate",
        "dead": "no work left",
        "short": "too short",
        "no_header": "missing header",
        "broken": "does not build",
        "constructor": "forbidden",
    }
    suite = open_manifest(root)
    assert [b.name for b in suite.benchmarks] == ["good"]
    assert len(suite.unavailable) == 8


def test_programs_that_check_themselves(tmp_path: Path) -> None:
    """A pattern decides; old C is tried as such; what says nothing is a failure."""
    root = mock_suites.self_checkout(tmp_path / "up")
    found = added(root, Wish(pattern="^verify ok$"), manifest=tmp_path / "own" / "suite.toml")
    assert {name for name, pitfall in found.items() if pitfall == "good"} == {"one", "two", "old"}
    assert found["fails"] == "wrong output"
    assert not (root / "suite.toml").exists(), "the checkout is not touched"
    assert open_manifest(tmp_path / "own").manifest.programs["old"].std == "gnu89"


def test_unwritten_memory_and_compilers(tmp_path: Path) -> None:
    """Without an expected output, runs and builds that disagree are found."""
    mock_suites.write(tmp_path, "unwritten.c", mock_suites.UNWRITTEN)
    mock_suites.write(tmp_path, "by_compiler.c", mock_suites.BY_COMPILER)
    mock_suites.write(tmp_path, "status.c", mock_suites.GOOD)
    programs = "".join(
        f'[programs.{name}]\nrewritable = ["{name}.c"]\n'
        for name in ("unwritten", "by_compiler", "status", "gone")
    )
    mock_suites.write(tmp_path, "suite.toml", HEAD + programs)
    assert added(tmp_path) == {
        "unwritten": "not deterministic",
        "by_compiler": "differs by compiler",
        "status": "fails",
        "gone": "missing file",
    }


def test_stopped_clock(tmp_path: Path) -> None:
    """A program that times itself is fit once its clock is stopped."""
    mock_suites.write(tmp_path, "clock.c", mock_suites.CLOCK)
    entry = '[programs.clock]\nrewritable = ["clock.c"]\nclock = "stopped"\n'
    reads = "sizes = { ref = { exit_code = 1 } }\n"
    mock_suites.write(tmp_path, "suite.toml", HEAD + entry + reads)
    assert added(tmp_path) == {"clock": "good"}


def test_dumped_arrays(tmp_path: Path) -> None:
    """Kernels that dump are fit at a size that is large enough, and too short at another."""
    root = mock_suites.dump_checkout(tmp_path / "up")
    assert added(root, size="large") == {"product": "good", "sum": "good"}
    assert added(root, size="mini") == {"product": "too short", "sum": "too short"}
    assert [b.name for b in open_manifest(root, "large").benchmarks] == ["product", "sum"]


def test_pairs_in_folders_and_lines(tmp_path: Path) -> None:
    """Programs with pairs are fit; a wrong expected output is named with its input."""
    assert added(mock_suites.pairs_checkout(tmp_path / "a")) == {"solution": "good", "sums": "good"}
    path = mock_suites.jsonl_file(tmp_path / "b" / "p.jsonl", wrong=True)
    assert added(path) == {"sums": "good", "sums_again": "wrong output"}
    text = (path.parent / "suite.toml").read_text()
    assert "line 2 input 0" in text


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Return the tools, with a suite of three forms."""
    root = tmp_path_factory.mktemp("three")
    mock_suites.pairs_checkout(root / "pairs")
    mock_suites.dump_checkout(root / "dump")
    programs = (
        '[programs.sums]\nrewritable = ["pairs/sums/sums.c"]\ncases = "pairs/sums"\nreplay = true\n'
        '[programs.single]\nrewritable = ["pairs/sums/sums.c"]\ncases = "pairs/sums"\n'
        '[programs.product]\nrewritable = ["dump/linear/product/product.c"]\ndump = true\n'
        'protected = ["dump/support/support.c"]\ninclude = ["dump/support"]\n'
        'defines = ["LIVE_DUMP_ARRAYS"]\n'
    )
    mock_suites.write(root, "suite.toml", HEAD + programs)
    with open_hall(open_manifest(root), (), b"secret", unsafe=False) as opened:
        yield opened


def built(hall: Hall, benchmark: Benchmark, target: Target, recipe: Recipe) -> Made:
    """Build a benchmark's own sources."""
    executables = Executables(hall.builder, benchmark, target)
    made = executables.make(original(benchmark, recipe))
    assert isinstance(made, Made), made
    kept = shutil.copy(made.exe, Path(benchmark.root) / f"{benchmark.name}-{target.name}")
    executables.close()
    return replace(made, exe=Path(kept))


def original(benchmark: Benchmark, recipe: Recipe, **files: str) -> Candidate:
    """Return a benchmark's sources as a candidate, some of them replaced."""
    return Candidate(
        benchmark=benchmark.name,
        level=Level.C,
        files={**benchmark.files, **files},
        recipe=recipe,
        made_by="test",
    )


def outputs(hall: Hall, name: str, target: Target, kind: type) -> tuple[Output, ...]:
    """Return the outputs of a program on all its inputs."""
    benchmark = hall.benchmark(name)
    emulator = hall.emulators.get(target.arch)
    cases = make_cases(benchmark, Launcher(hall.sandbox, target.emulated, emulator, LIMITS), b"")
    assert type(cases) is kind
    made = built(hall, benchmark, target, Recipe(frontend=("-O2",)))
    assert benchmark.foreign is not None
    got = cases.run(made.exe, cases.chosen("all", benchmark.foreign.runs["ref"]))
    cases.close()
    assert not isinstance(got, Failure), got
    return tuple(got)


def test_replay_equals_separate_processes(hall: Hall) -> None:
    """A replayed input finds the memory of a new process: also after `exit` and `malloc`."""
    for target in hall.targets:
        replayed = outputs(hall, "sums", target, ReplayCases)
        separate = outputs(hall, "single", target, StoredCases)
        assert [o.stdout for o in replayed] == [o.stdout for o in separate]
        assert len(replayed) == 12


def test_planted_work_is_added(hall: Hall) -> None:
    """Extra work before main takes the instructions it should and changes no output."""
    target = hall.targets[0]
    launcher = Launcher(hall.sandbox, True, hall.emulators[target.arch], LIMITS)
    benchmark = hall.benchmark("product")
    made = built(hall, benchmark, target, Recipe())
    assert benchmark.foreign is not None
    (item,) = benchmark.foreign.runs["ref"]
    plain = launcher.program(made.exe, item, counting=True)
    more = launcher.program(made.exe, item, counting=True, extra_work=10_000)
    assert not isinstance(plain, Failure)
    assert not isinstance(more, Failure)
    assert plain.stdout == more.stdout
    added_work = more.instructions_or_raise() - plain.instructions_or_raise()
    assert 30_000 < added_work < 100_000


def test_replayed_crash_names_the_input(hall: Hall) -> None:
    """A candidate that dies on one input of many is reported with that input."""
    benchmark = hall.benchmark("sums")
    target = hall.targets[0]
    text = benchmark.files["sums.c"].replace("if (count == 3)\n", "if (count == 304) abort();\n")
    executables = Executables(hall.builder, benchmark, target)
    made = executables.make(original(benchmark, Recipe(), **{"sums.c": text}))
    assert isinstance(made, Made)
    cases = make_cases(benchmark, Launcher(hall.sandbox, False, None, LIMITS), b"")
    assert benchmark.foreign is not None
    got = cases.run(made.exe, cases.chosen("all", benchmark.foreign.runs["ref"]))
    cases.close()
    executables.close()
    assert isinstance(got, Failure)
    assert got.outcome is Outcome.CRASHED


def test_dump_is_the_same_for_all_builds(hall: Hall) -> None:
    """The digest of the dumped bits does not depend on level or architecture."""
    found = {
        output.stdout
        for target in hall.targets
        for output in outputs(hall, "product", target, StoredCases)
    }
    (text,) = found
    assert text.startswith(b"digest ")


def test_candidate_cannot_stand_in_for_the_library(hall: Hall) -> None:
    """A candidate that defines what the protected sources import is rejected by the scan."""
    benchmark = hall.benchmark("product")
    extra = "int atexit(void (*f)(void)) { (void)f; return 0; }\n"
    text = benchmark.files["product.c"] + extra
    executables = Executables(hall.builder, benchmark, hall.targets[0])
    made = executables.make(original(benchmark, Recipe(), **{"product.c": text}))
    assert isinstance(made, Made)
    findings = executables.scan(made.objects)
    executables.close()
    assert any("defines 'atexit'" in finding for finding in findings)


def test_candidate_recipe_cannot_reach_the_manifest(hall: Hall) -> None:
    """What a manifest may say (folders, forced headers), a recipe still may not."""
    benchmark = hall.benchmark("product")
    executables = Executables(hall.builder, benchmark, hall.targets[0])
    for flag in ("-Itree/dump", "-include", "-iquote", "-isystem"):
        made = executables.make(original(benchmark, Recipe(frontend=("-O2", flag))))
        assert isinstance(made, BuildFailure)
        assert made.stage == "recipe"
    executables.close()


def test_checker_counts_compilers(hall: Hall) -> None:
    """A good program is verified by four levels of clang, and by a second compiler if there."""
    target = hall.targets[0]
    checked = Checker(hall, LIMITS).check(hall.benchmark("sums"), target)
    assert checked.excluded is None
    assert checked.verified[:4] == tuple(f"clang -O{n}" for n in range(4))
    assert checked.inputs == 12


def run_command(*args: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    return subprocess.run(
        (sys.executable, "-m", "coopbench.harness.cli.main", *map(str, args)),
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_run_goes_on_without_the_bad_ones(tmp_path: Path) -> None:
    """`coopbench run PATH` judges the good programs and reports the others by name."""
    root = tmp_path / "up"
    mock_suites.write(root, "good.c", mock_suites.GOOD.replace("return 3", "return 0"))
    mock_suites.write(root, "clock.c", mock_suites.CLOCK)
    names = ("good", "clock", "gone", "short")
    programs = "".join(f'[programs.{n}]\nrewritable = ["{n}.c"]\n' for n in names)
    left_out = '[[excluded]]\nname = "short"\npitfall = "by hand"\nwhy = "not ours"\n'
    mock_suites.write(root, "suite.toml", HEAD + programs + left_out)
    options = ("-t", default_targets()[0].name, "-e", "clang-O2", "--max-blocks", "10", "--wait")
    done = run_command("run", root, *options, "--store", "s", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)["runs"][0]
    assert record["plan"]["benchmarks"] == ["good"]
    reasons = {u["what"]: u["why"] for u in record["unavailable"]}
    assert reasons["program short"] == "by hand: not ours"
    assert "gone.c" in reasons["program gone"]
    clock = next(why for what, why in reasons.items() if what.startswith("program clock"))
    assert "imports 'time'" in clock
    assert "program short" in done.stderr


BAD_COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "wrong path": (("suite", "add", "nowhere"), "nowhere does not exist"),
    "no program": (("suite", "add", "."), "write a suite.toml by hand"),
    "wrong form": (("suite", "add", ".", "--form", "odd"), "known: reference, pairs"),
    "not external": (("suite", "check", "starter"), "has no suite.toml"),
    "unknown suite": (("suite", "fetch", "debain"), "did you mean 'debian'?"),
}


@pytest.mark.parametrize(("command", "said"), BAD_COMMANDS.values(), ids=BAD_COMMANDS)
def test_bad_commands(tmp_path: Path, command: tuple[str, ...], said: str) -> None:
    """A mistake on the command line is one message and exit code 2."""
    done = run_command(*command, cwd=tmp_path)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_all_excluded(tmp_path: Path) -> None:
    """A suite without a good program says so, with an example."""
    mock_suites.write(tmp_path, "suite.toml", HEAD + '[programs.one]\nrewritable = ["one.c"]\n')
    suite = open_manifest(tmp_path)
    with pytest.raises(UsageError, match="every program is excluded"):
        _ = suite.benchmarks
