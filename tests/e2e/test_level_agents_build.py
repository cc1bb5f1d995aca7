"""Level agents with a scripted model over real kernels, compilers and the sandbox, on both targets."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.search_scripts import DOWN, Said, code, desk_of

from coopbench.agents.backends.model import Request
from coopbench.agents.backends.scripted import ScriptedBackend
from coopbench.agents.backends.volatile import plain
from coopbench.agents.desk import Desk, Work
from coopbench.agents.level import LevelAgent
from coopbench.agents.protocol.blocks import split
from coopbench.agents.tree import Node
from coopbench.harness.base import Level
from coopbench.harness.budget import Budget
from coopbench.harness.compose import Hall, open_hall
from coopbench.harness.model import Candidate
from coopbench.harness.settings import Settings
from coopbench.harness.trajectory import MemoryJournal, Recorder
from coopbench.harness.workbench import LocalWorkbench
from coopbench.suites.catalog import Suite, curated

pytestmark = pytest.mark.e2e

TARGETS = ("x86-64-v2", "armv8-a")
BITS_TOML = """
name = "count_bits"
kind = "kernel"
title = "Bits of an array, one by one"
why = "fixture"

[contract]
function = "count_bits"
returns = "u64"

[[contract.parameters]]
name = "x"
type = "u32"
shape = "n"
distributions = [{ kind = "bits" }]

[[contract.parameters]]
name = "n"
type = "size"
max = 20000

[sizes]
test = { n = 37 }
small = { n = 500 }
ref = { n = 5000 }
"""
BITS_C = """#include <stddef.h>
#include <stdint.h>

uint64_t count_bits(const uint32_t *x, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        for (unsigned bit = 0; bit < 32; bit++)
            sum += (x[i] >> bit) & 1;
    }
    return sum;
}
"""
GOOD_C = """#include <stddef.h>
uint64_t count_bits(const uint32_t *x, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (uint64_t)__builtin_popcount(x[i]);
    return sum;
}
"""
GOOD_IR = """define i64 @count_bits(ptr noundef %x, i64 noundef %n) {
entry:
  %none = icmp eq i64 %n, 0
  br i1 %none, label %done, label %loop

loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %loop ]
  %sum = phi i64 [ 0, %entry ], [ %sum.next, %loop ]
  %at = getelementptr inbounds i32, ptr %x, i64 %i
  %v = load i32, ptr %at, align 4
  %bits = call i32 @llvm.ctpop.i32(i32 %v)
  %wide = zext i32 %bits to i64
  %sum.next = add i64 %sum, %wide
  %i.next = add i64 %i, 1
  %last = icmp eq i64 %i.next, %n
  br i1 %last, label %done, label %loop

done:
  %result = phi i64 [ 0, %entry ], [ %sum.next, %loop ]
  ret i64 %result
}"""
GOOD_ASM = {
    "x86-64-v2": """count_bits:
	xorl	%eax, %eax
	testq	%rsi, %rsi
	je	.Lbits_done
	.p2align	4
.Lbits_loop:
	popcntl	(%rdi), %ecx
	addq	%rcx, %rax
	addq	$4, %rdi
	decq	%rsi
	jne	.Lbits_loop
.Lbits_done:
	retq""",
    "armv8-a": """count_bits:
	mov	x8, xzr
	cbz	x1, .Lbits_done
.Lbits_loop:
	ldr	s0, [x0], #4
	cnt	v0.8b, v0.8b
	addv	b0, v0.8b
	fmov	w9, s0
	add	x8, x8, x9
	subs	x1, x1, #1
	b.ne	.Lbits_loop
.Lbits_done:
	mov	x0, x8
	ret""",
}
BAD_REGISTER = {"x86-64-v2": ("retq", "popcntl\t%ecx"), "armv8-a": ("ret", "fmov\tw77, s0")}


class Trial:
    """A desk on a real workbench, and a model that answers from a list."""

    def __init__(self, hall: Hall, name: str, target: str) -> None:
        chosen = next(t for t in hall.targets if t.name == target)
        self.journal = MemoryJournal()
        budget = Budget()
        self.bench = LocalWorkbench(
            hall.referee(name, chosen),
            budget,
            7,
            trial=f"cooperative/{name}/{target}/0",
            recorder=Recorder(self.journal, lambda: budget.snapshot().spent),
            settings=Settings(backend="scripted"),
        )
        self._said: Iterator[Said] = iter(())
        found = desk_of(self.bench, lambda _: next(self._said, DOWN))
        self.desk: Desk = found[0]
        self.model: ScriptedBackend = found[1]
        self.root = self.desk.open()

    def parent(self, level: Level) -> Node:
        """Return the original at a level, judged."""
        if level is Level.C:
            return self.root
        lowered = self.bench.lower(self.root.candidate, level)
        assert isinstance(lowered, Candidate), lowered
        node = self.desk.judge(Work(lowered, self.root, "lower", "harness"))
        assert node.verified, node
        return node

    def work(self, level: Level, *said: Said, attempts: int = 3) -> tuple[Node, ...]:
        """Let a level's agent work on the original, with these answers."""
        self._said = iter(said)
        return LevelAgent(level, self.desk).work(self.parent(level), "", attempts)

    def heard(self, turn: int = -1) -> str:
        """Return the last message of a request, as the model got it."""
        return plain(self.model.requests[turn].messages[-1].text)

    def mishaps(self) -> list[object]:
        """Return the kinds of all malformed answers."""
        return [e.data["kind"] for e in self.journal.events if e.kind == "malformed"]


Start = Callable[[str], Trial]


@pytest.fixture(scope="module")
def halls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Hall]]:
    """Return a hall for the fixture kernel and one for the curated suite."""
    root: Path = tmp_path_factory.mktemp("suite") / "count_bits"
    root.mkdir()
    (root / "benchmark.toml").write_text(BITS_TOML)
    (root / "kernel.c").write_text(BITS_C)
    with (
        open_hall(Suite("own", root.parent), TARGETS, b"secret", unsafe=False) as own,
        open_hall(curated(), TARGETS, b"secret", unsafe=False) as known,
    ):
        yield {"count_bits": own, "": known}


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    """Return each target's name."""
    return str(request.param)


@pytest.fixture
def start(halls: dict[str, Hall], target: str) -> Start:
    """Return a function that starts a trial of a benchmark on the target."""
    return lambda name: Trial(halls.get(name, halls[""]), name, target)


@pytest.mark.parametrize("level", list(Level))
def test_a_good_rewrite_is_verified(start: Start, target: str, level: Level) -> None:
    """One answer at each level becomes a correct, much cheaper candidate."""
    trial = start("count_bits")
    text = {Level.C: GOOD_C, Level.IR: GOOD_IR, Level.ASM: GOOD_ASM[target]}[level]
    language = {Level.C: "c", Level.IR: "llvm", Level.ASM: "asm"}[level]
    (node,) = trial.work(level, code(text, language))
    assert node.verified
    assert node.gain is not None
    assert node.gain > 1.5
    assert node.level is level


def test_evidence_of_real_tools_reaches_the_model(start: Start, target: str) -> None:
    """Counts, hot blocks with the throughput model, machine code and remarks: all are there."""
    trial = start("fir_alias")
    trial.work(Level.C)
    first = trial.heard()
    assert "instructions retired on a visible input" in first
    assert "cycles modelled (llvm-mca)" in first
    assert "limited by register dependences" in first
    assert ("addsd" if target == "x86-64-v2" else "fadd") in first
    assert "[sum += taps[k] * in[i + k];]" in first
    trial.work(Level.ASM)
    assert "at `.LBB0_" in trial.heard()


def test_a_build_error_is_mended_at_level_c(start: Start) -> None:
    """The compiler's message with its source line goes back; the next answer is judged."""
    trial = start("count_bits")
    bad = GOOD_C.replace("x[i])", "undeclared[i])")
    wrong, right = trial.work(Level.C, code(bad), code(GOOD_C))
    assert (wrong.state, right.state) == ("build_failed", "ok")
    told = trial.heard()
    assert "error: use of undeclared identifier 'undeclared'" in told
    assert "sum += (uint64_t)__builtin_popcount(undeclared[i]);" in told
    assert "/" not in told.partition("error:")[0].rpartition("\n")[2]


def test_a_build_error_is_mended_at_level_ir(start: Start) -> None:
    """What `opt` or `llc` says of the text reaches the model."""
    trial = start("count_bits")
    bad = GOOD_IR.replace("add i64 %sum, %wide", "add i64 %sum, %bits")
    wrong, right = trial.work(Level.IR, code(bad, "llvm"), code(GOOD_IR, "llvm"))
    assert (wrong.state, right.state) == ("build_failed", "ok")
    assert "'%bits' defined with type 'i32' but expected 'i64'" in trial.heard()


def test_a_build_error_is_mended_at_level_assembly(start: Start, target: str) -> None:
    """What the assembler says of an instruction reaches the model."""
    trial = start("count_bits")
    old, new = BAD_REGISTER[target]
    bad = GOOD_ASM[target].replace(f"\t{old}", f"\t{new}\n\t{old}")
    wrong, right = trial.work(Level.ASM, code(bad, "asm"), code(GOOD_ASM[target], "asm"))
    assert (wrong.state, right.state) == ("build_failed", "ok")
    assert "error:" in trial.heard()
    assert new.split("\t")[0] in trial.heard()


def test_a_wrong_answer_is_mended(start: Start) -> None:
    """The input, the place, the expected and the found value go back."""
    trial = start("count_bits")
    bad = GOOD_C.replace("size_t i = 0", "size_t i = 1")
    wrong, right = trial.work(Level.C, code(bad), code(GOOD_C))
    assert (wrong.state, right.state) == ("wrong_output", "ok")
    assert wrong.verdict is not None
    found = wrong.verdict.counterexample
    assert found is not None
    told = trial.heard()
    assert "The first difference, on the input `visible n=37`" in told
    assert f"at return value\nexpected: {found.expected}\ngot:      {found.got}" in told


def test_a_crash_is_mended(start: Start) -> None:
    """Reading a vector's width past the end meets the guard page, and the model hears of it."""
    trial = start("count_bits")
    bad = GOOD_C.replace("i < n; i++", "i < n + 4096; i++")
    wrong, right = trial.work(Level.C, code(bad), code(GOOD_C))
    assert (wrong.state, right.state) == ("crashed", "ok")
    assert "It crashed on the input `visible n=37`" in trial.heard()


def test_a_forbidden_call_is_mended(start: Start) -> None:
    """The scan's finding goes back by name."""
    trial = start("count_bits")
    bad = "#include <stdio.h>\n" + GOOD_C.replace("return sum;", 'puts("x");\n    return sum;')
    wrong, right = trial.work(Level.C, code(bad), code(GOOD_C))
    assert (wrong.state, right.state) == ("rejected_by_scan", "ok")
    assert "imports 'puts', which is not on the allow-list" in trial.heard()


def test_malformed_answers_are_mended_and_counted(start: Start) -> None:
    """Prose, an echo, a lazy answer: each one counted by name, none judged."""
    trial = start("count_bits")
    lazy = "uint64_t count_bits(const uint32_t *x, size_t n)\n{\n    // ... rest unchanged\n}"
    (node,) = trial.work(
        Level.C, "I would use popcount.", code(BITS_C), code(lazy), code(GOOD_C), attempts=2
    )
    assert node.verified
    assert trial.mishaps() == ["no_code", "echo", "rest_unchanged"]


def test_no_gain_is_told_with_the_costs(halls: dict[str, Hall]) -> None:
    """A version that compiles to the same code is correct, and costs exactly what it did."""
    trial = Trial(halls["count_bits"], "count_bits", "armv8-a")  # counted, so nothing is noise
    same = BITS_C.replace("unsigned bit", "unsigned shift").replace(">> bit)", ">> shift)")
    same = same.replace("bit < 32; bit++", "shift < 32; shift++")
    first, good = trial.work(Level.C, code(same), code(GOOD_C))
    assert (first.state, good.state) == ("ok", "ok")
    told = trial.heard()
    assert "its cost against the version you were given is: same" in told
    before, after = (
        line.partition(": ")[2]
        for line in told.splitlines()
        if line.startswith(("before", "after"))
    )
    assert before == after
    assert "instructions retired" in before


@pytest.mark.parametrize(
    ("data", "step"),
    [
        ({"passes": "default<O3>", "options": ["-force-vector-width=4"]}, "passes"),
        ({"passes": "function(instcombine,gvn,simplifycfg)"}, "passes"),
        ({"codegen": ["-align-loops=32"]}, "codegen"),
        ({"attributes": ["nosync", "nonnull param 0"]}, "rewrite"),
    ],
)
def test_compiler_answers_build_and_are_correct(
    start: Start, data: dict[str, object], step: str
) -> None:
    """Passes, options and attributes from the lists give candidates that pass their tests."""
    trial = start("count_bits")
    said = {"transformation": "told the compiler", "legality": "passes are", "expected": "less"}
    answer = f"```json\n{json.dumps({**said, **data})}\n```"
    (node,) = trial.work(Level.IR, answer, attempts=1)
    assert node.verified, node.verdict
    assert node.step == step


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("name", ["spmv_short", "utf8_check", "word_freq"])
def test_what_is_shown_is_recognized_as_an_echo(start: Start, name: str, level: Level) -> None:
    """Real functions survive view and splice: sent back as they were shown, they change nothing."""
    trial = start(name)

    def echo(request: Request) -> str:
        blocks, _ = split(plain(request.messages[0].text))
        shown = next(b for b in blocks if b.language in {"c", "llvm", "asm"})
        return code(shown.text, shown.language)

    desk, _ = desk_of(trial.bench, echo)
    desk.tree.add(trial.root)
    agent = LevelAgent(level, desk)
    assert agent.work(trial.parent(level), "", 1) == ()
    assert trial.mishaps() == ["echo", "echo"]


def test_a_suite_kernel_is_rewritten_in_c(start: Start) -> None:
    """Exchanged loops keep each sum's order, pass the float policy and gain."""
    trial = start("gemm_ijk")
    better = """void gemm_ijk(const double *a, const double *b, double *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            double f = a[i * n + k];
            for (size_t j = 0; j < n; j++)
                c[i * n + j] += f * b[k * n + j];
        }
    }
}"""
    (node,) = trial.work(Level.C, code(better))
    assert node.verified
    assert node.gain is not None
    assert node.gain > 1.1


def test_a_program_is_worked_on_where_it_is_hot(start: Start) -> None:
    """The hottest function of the sources is shown; another one of its file may be chosen."""
    trial = start("word_freq")
    better = """static char lower_letter(int c)
{
    unsigned letter = (unsigned)c | 0x20u;
    return letter - 'a' < 26u && c >= 0 ? (char)letter : 0;
}"""
    (node,) = trial.work(Level.C, code(better, function="lower_letter"), attempts=1)
    assert node.verified
    first = trial.heard(0)
    assert "Rewrite `append` of main.c" in first
    assert "another function of main.c" in first
    assert "/* table.h */" in first
    assert "0x20u" in node.candidate.files["main.c"]
    assert node.candidate.files["table.c"] == trial.root.candidate.files["table.c"]
