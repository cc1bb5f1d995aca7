"""Steps: what is kept, what is a candidate's failure, what is the machine's."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from coopbench.harness.errors import InfraError
from coopbench.harness.toolchain.cache import Cache
from coopbench.harness.toolchain.compilers import Compilers, Executable
from coopbench.harness.toolchain.fingerprint import executable
from coopbench.harness.toolchain.process import Limits
from coopbench.harness.toolchain.step import CWD, Artifact, BuildFailure, Context, Step, run_step

Script = Callable[..., Path]
HEALTHY = '[ "$1" = --version ] && exit 0\n'


@pytest.fixture
def context(pinned_only: Compilers, tmp_path: Path) -> Context:
    """Return a context with an empty cache."""
    return Context(pinned_only, Cache(tmp_path / "cache"))


def tool(path: Path, cache: Cache) -> Executable:
    """Return a script as a tool."""
    return executable(path.name, (str(path),), "1.0", cache)


def step(path: Path, context: Context, *args: str, data: bytes = b"text") -> Step:
    """Return a step that runs a script over one input."""
    return Step(
        stage="testing",
        tool=tool(path, context.cache),
        args=args,
        inputs=(("in.txt", data),),
        output="out.txt",
    )


def test_result_is_kept_with_its_cost(script: Script, context: Context, tmp_path: Path) -> None:
    """The second run of an equal step runs nothing, costs nothing, and knows what the first cost."""
    path = script("tool", f"echo run >> {tmp_path}/runs; tr a-z A-Z < in.txt > out.txt")
    first = run_step(context, step(path, context))
    second = run_step(context, step(path, context))
    assert isinstance(first, Artifact)
    assert isinstance(second, Artifact)
    assert first.read() == second.read() == b"TEXT"
    assert (tmp_path / "runs").read_text() == "run\n"
    assert second.seconds == 0.0
    assert second.cost_s == first.cost_s == first.seconds > 0.0


def test_key_covers_all_that_matters(script: Script, context: Context) -> None:
    """Another tool, argument, input, output name, visible folder or dependence is another step."""
    base = step(script("tool", "true"), context)
    others = [
        replace(base, tool=tool(script("tool2", "false"), context.cache)),
        replace(base, args=("-x",)),
        replace(base, inputs=(("in.txt", b"other"),)),
        replace(base, inputs=(("ni.txt", b"text"),)),
        replace(base, output="other.txt"),
        replace(base, output=None),
        replace(base, links=(("headers", Path("/usr")),)),
        replace(base, depends=("znver5",)),
    ]
    assert len({base.key, *(other.key for other in others)}) == len(others) + 1
    assert replace(base, stage="other").key == base.key


def test_exit_status_is_a_kept_failure(script: Script, context: Context, tmp_path: Path) -> None:
    """A tool that refuses its input gives a value with its words, and is not asked again."""
    path = script("tool", f"echo run >> {tmp_path}/runs; echo 'in.txt:1: error: no' >&2; exit 1")
    for _ in range(2):
        made = run_step(context, step(path, context, "-flag"))
        assert isinstance(made, BuildFailure)
        assert made.reason == "testing: in.txt:1: error: no"
        assert made.argv == ("tool", "-flag")
    assert (tmp_path / "runs").read_text() == "run\n"


def test_diagnostics_name_no_path(script: Script, context: Context) -> None:
    """The folder of the run and the tool's place do not appear in what is kept."""
    path = script("tool", 'echo "$0: $PWD/in.txt: error: $1" >&2; exit 1')
    made = run_step(context, step(path, context, f"-dir={CWD}"))
    assert isinstance(made, BuildFailure)
    assert made.diagnostics == "tool: ./in.txt: error: -dir=."
    assert made.argv == ("tool", "-dir={cwd}")


def test_diagnostics_are_cut(script: Script, context: Context) -> None:
    """A tool that complains without end fills neither memory nor the record."""
    path = script("tool", "yes 'error: again' | head -n 100000 >&2; exit 1")
    made = run_step(context, step(path, context))
    assert isinstance(made, BuildFailure)
    assert len(made.diagnostics.splitlines()) == 40


def test_time_out_is_a_failure_that_is_not_kept(script: Script, context: Context) -> None:
    """Running out of time is the candidate's failure here, but may not be elsewhere."""
    slow = replace(context, limits=Limits(wall_s=0.3))
    path = script("tool", "[ -e slow ] || sleep 600")
    made = run_step(slow, step(path, context))
    assert isinstance(made, BuildFailure)
    assert "timed out after 0.3 s" in made.reason
    assert made.seconds >= 0.3
    assert not made.lasting
    quick = script("tool", "cp in.txt out.txt")
    assert isinstance(run_step(context, step(quick, context)), Artifact)


def test_too_much_output_is_a_failure(script: Script, context: Context) -> None:
    """A tool that writes more than allowed is stopped, which is the candidate's failure."""
    small = replace(context, limits=Limits(file_bytes=1 << 16))
    path = script("tool", HEALTHY + "exec dd if=/dev/zero of=out.txt bs=64K count=100")
    made = run_step(small, step(path, context))
    assert isinstance(made, BuildFailure)
    assert "larger than 0 MiB" in made.reason
    assert not made.lasting


def test_crash_of_a_working_tool_is_a_failure(script: Script, context: Context) -> None:
    """A compiler that crashes on this input, and otherwise works, fails the candidate."""
    path = script("tool", HEALTHY + "echo 'Stack dump:' >&2; kill -SEGV $$")
    made = run_step(context, step(path, context))
    assert isinstance(made, BuildFailure)
    assert made.reason == "testing: error: the tool crashed (SIGSEGV)"
    assert "Stack dump:" in made.diagnostics
    assert not made.lasting


def test_tool_that_always_crashes_is_the_machines_fault(script: Script, context: Context) -> None:
    """A broken installation must not be booked as the candidate's failure."""
    path = script("tool", "kill -SEGV $$")
    with pytest.raises(InfraError, match="does not even print its version"):
        run_step(context, step(path, context))


@pytest.mark.parametrize("name", ["KILL", "TERM", "HUP"])
def test_tool_killed_from_outside_is_the_machines_fault(
    script: Script, context: Context, name: str
) -> None:
    """The kernel's memory killer and the user's signals say nothing about the candidate."""
    path = script("tool", HEALTHY + f"kill -{name} $$")
    with pytest.raises(InfraError, match="killed from outside"):
        run_step(context, step(path, context))


def test_killed_child_of_a_driver_is_the_machines_fault(script: Script, context: Context) -> None:
    """gcc reports that its cc1 was killed with an ordinary exit status; it is seen all the same."""
    said = "gcc: fatal error: Killed signal terminated program cc1"
    path = script("tool", f"echo '{said}' >&2; exit 1")
    with pytest.raises(InfraError, match="killed from outside"):
        run_step(context, step(path, context))


def test_text_cannot_feign_the_machines_fault(script: Script, context: Context) -> None:
    """What a candidate has the compiler print about full disks or kills stays its own failure."""
    for words in (
        "in.c:1:2: error: gcc: fatal error: Killed signal terminated program cc1",
        "in.c:1:2: error: No space left on device",
        "in.c:1:2: error: bwrap: cannot do it",
    ):
        path = script("tool", f"echo '{words}' >&2; exit 1")
        assert isinstance(run_step(context, step(path, context)), BuildFailure)


def test_lack_of_memory_is_not_kept(script: Script, context: Context) -> None:
    """Another limit may give another result, so running out of memory is not remembered."""
    path = script("tool", "echo 'cc1: out of memory allocating 65536 bytes' >&2; exit 1")
    made = run_step(context, step(path, context))
    assert isinstance(made, BuildFailure)
    assert not made.lasting


def test_vanished_tool_is_the_machines_fault(script: Script, context: Context) -> None:
    """A compiler that is uninstalled during a run is not the candidate's failure."""
    path = script("tool", "exit 0")
    gone = step(path, context)
    path.unlink()
    with pytest.raises(InfraError, match="has disappeared"):
        run_step(context, gone)


def test_confined_and_unconfined_results_are_kept_apart(
    script: Script, context: Context, tmp_path: Path
) -> None:
    """A result that was made with every file in sight is not served to a confined run."""

    class Plain:
        def wrap(self, argv: Sequence[str], workdir: Path) -> Sequence[str]:
            return argv

    path = script("tool", f"cp in.txt out.txt; echo run >> {tmp_path}/runs")
    run_step(context, step(path, context))
    run_step(replace(context, confinement=Plain()), step(path, context))
    assert (tmp_path / "runs").read_text() == "run\nrun\n"


def test_success_without_a_file_is_no_result(script: Script, context: Context) -> None:
    """A tool that ends well but made nothing has failed."""
    made = run_step(context, step(script("tool", "exit 0"), context))
    assert isinstance(made, BuildFailure)
    assert "without a word" in made.reason
