"""What agents see of tools' output: joined blocks, telling remarks, first diagnostics, the focus."""

from collections.abc import Sequence

import pytest
from tests.support.fake_bench import SCAN_C, FakeBench
from tests.support.search_scripts import DOWN, desk_of

from coopbench.agents.backends.volatile import keyed, plain
from coopbench.agents.evidence import Costs, Evidence, evidence_text, gather
from coopbench.agents.feedback import failure_words, first_diagnostics, input_words
from coopbench.agents.focus import Focus, focus, functions
from coopbench.agents.hot_code import hot_spots, own_instructions
from coopbench.agents.levels.c import CCraft
from coopbench.agents.levels.craft import Subject
from coopbench.agents.remark_lines import MOST, MOST_OF_A_PASS, remark_lines
from coopbench.agents.tree import Node
from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Counterexample, Outcome, Recipe, Rung, Verdict
from coopbench.harness.optimizer import BuildFailed, HotBlock
from coopbench.harness.toolchain.remarks import Remark
from coopbench.harness.toolchain.throughput import Throughput

DISASSEMBLY = """0000000000201000 <scan>:
  201000:      \txorl\t%eax, %eax
  201002:      \ttestq\t%rdx, %rdx
  201005:      \tje\t0x201019 <scan+0x19>
  201007:      \tnopw\t(%rax,%rax)
  201010:      \taddl\t(%rsi), %eax     # 0x2002c0 <table>
  201012:      \tdecq\t%rdx
  201017:      \tjne\t0x201010 <scan+0x10>
  201019:      \tretq

0000000000201020 <helper>:
  201020:      \tnop
  201021:      \tretq
"""


def block(name: str, instructions: int, cycles: float) -> Throughput:
    """Return a modelled block."""
    return Throughput(
        block=name,
        instructions=instructions,
        cycles=cycles,
        uops=instructions,
        block_rthroughput=1.25,
        bottleneck="register dependences (80 % of cycles), Port0 (3 % of cycles)",
        cpu="x",
    )


class Bench(FakeBench):
    """The made-up workbench with tools that agree on one function."""

    models: tuple[Throughput, ...] = (block("scan", 3, 2.0), block(".L2", 4, 3.0))
    hot: tuple[HotBlock, ...] | None = (
        HotBlock("scan", 0x201010, 3, 1000, 0.6),
        HotBlock("scan", 0x201019, 1, 10, 0.1),
        HotBlock("helper", 0x201021, 1, 5, 0.05),
        HotBlock("scan", 0x201000, 3, 10, 0.2),
        HotBlock("other", 0, 50, 1, 0.05),
    )

    def throughput(self, candidate: Candidate) -> tuple[Throughput, ...]:
        return self.models

    def hot_blocks(self, candidate: Candidate) -> tuple[HotBlock, ...] | None:
        return self.hot

    def disassembly(self, candidate: Candidate) -> str:
        return DISASSEMBLY


def original(bench: FakeBench) -> Candidate:
    """Return the original."""
    return bench.benchmark.original(Recipe(), "test")


def test_counted_and_modelled_blocks_are_joined() -> None:
    """Blocks of one label are one, padding does not shift them, other functions have no model."""
    bench = Bench()
    spots = hot_spots(bench, original(bench))
    assert [(s.function, s.model.block if s.model else None) for s in spots] == [
        ("scan", ".L2"),
        ("scan", "scan"),
        ("helper", None),
    ]
    loop = spots[0]
    assert (loop.instructions, loop.executions) == (4, 1000)
    assert loop.share == pytest.approx(0.7)
    assert loop.code == ("addl\t(%rsi), %eax", "decq\t%rdx", "jne\t<scan+0x10>")
    assert loop.cycles == pytest.approx(3.0 * (1000 * 3 + 10) / 4)
    assert own_instructions(DISASSEMBLY) == 8


def test_blocks_that_do_not_fit_get_no_model() -> None:
    """If assembler and model count differently, no place in the function can be trusted."""
    bench = Bench()
    bench.models = (block("scan", 3, 2.0), block(".L2", 9, 3.0))
    assert all(s.model is None for s in hot_spots(bench, original(bench)))


def test_relaxed_addresses_are_no_padding() -> None:
    """A linker turns an adrp that it does not need into a nop; the model still counts it."""
    lines = ["0000000000001000 <f>:", "  1000:\tnop", "  1004:\tadr\tx8, 0x2000 <t>"]
    lines += ["  1008:\tnop", "  100c:\tret"]
    assert own_instructions("\n".join(lines)) == 3


def test_without_a_counter_the_model_alone_speaks() -> None:
    """The blocks with most modelled cycles come first; nothing is said of executions."""
    bench = Bench()
    bench.hot = None
    spots = hot_spots(bench, original(bench))
    assert [s.model.block for s in spots if s.model] == [".L2", "scan"]
    assert all(s.share is None for s in spots)
    evidence = gather(bench, original(bench))
    assert evidence.costs.cycles is None
    assert not evidence.counted


def test_evidence_is_one_volatile_part() -> None:
    """The model reads shares, models and code; a key sees one word."""
    bench = Bench()
    candidate = original(bench)
    spot = Focus("kernel.c", "scan")
    text = evidence_text(bench, candidate, spot, gather(bench, candidate))
    assert keyed(text) == "<evidence>"
    shown = plain(text)
    assert "70 % of all, 1000 times, in `scan`, 4 instructions, 3.0 cycles each" in shown
    assert "limited by register dependences (80 % of cycles)\n" in shown
    assert "Port0" not in shown
    assert "other" not in shown
    assert "decq\t%rdx" in shown


def test_nothing_known_is_said_so() -> None:
    """With no tool at all the evidence says that it is not available."""
    bench = FakeBench()
    failed = BuildFailed("remarks", "no")
    bench.remarks = lambda candidate: failed  # type: ignore[method-assign]
    nothing = Evidence(Costs(None, None, None), ())
    text = evidence_text(bench, original(bench), Focus("kernel.c", "scan"), nothing)
    assert plain(text) == "Costs of this version: not available here."


def remark(message: str, **more: object) -> Remark:
    """Return a remark about vectorization."""
    fields = {"kind": "missed", "pass_name": "loop-vectorize", "name": "X", "function": "scan"}
    return Remark.model_validate({**fields, "line": None, "message": message, **more})


def test_remarks_are_few_telling_and_about_the_function() -> None:
    """Those on the function's lines first, even inlined; noise, repetition and the rest left out."""
    candidate = original(FakeBench())
    remarks = [
        remark("loop not vectorized"),
        remark("inlined", pass_name="prologepilog"),
        remark("hoisted", pass_name="licm", kind="passed"),
        remark("elsewhere", function="other", line=2),
        remark("loop not vectorized: calls", function="caller", line=7),
        remark("loop not vectorized: calls", function="caller", line=8),
        remark("vectorized loop", kind="passed", line=7),
        *(remark(f"clobbered {i}", pass_name="gvn", line=8) for i in range(9)),
    ]
    lines = remark_lines(remarks, candidate, Focus("kernel.c", "scan"))
    where = "[for (size_t i = 0; i < n; i++) {]"
    assert lines[:2] == [
        f"loop-vectorize missed {where}: loop not vectorized: calls",
        f"loop-vectorize passed {where}: vectorized loop",
    ]
    assert sum(line.startswith("gvn") for line in lines) == MOST_OF_A_PASS
    assert lines[-1].startswith("loop-vectorize missed [#include <stdint.h>]: elsewhere")
    assert not any("hoisted" in line or "prologepilog" in line for line in lines)
    assert len(lines) <= MOST
    assert all(len(line) <= 180 for line in lines)


def test_remarks_of_ir_have_no_source_lines() -> None:
    """At lower levels a line number means nothing to the model."""
    bench = FakeBench()
    lowered = bench.lower(original(bench), Level.IR)
    assert isinstance(lowered, Candidate)
    lines = remark_lines([remark("why", line=3)], lowered, Focus("kernel.ll", "scan"))
    assert lines == ["loop-vectorize missed: why"]


def test_diagnostics_are_cut_to_the_first_errors() -> None:
    """Three errors with what belongs to them, at most 40 lines; no folders, no warnings."""
    text = "\n".join(
        [
            "In file included from /opt/x/kernel.c:1:",
            "/opt/x/kernel.c:3:5: warning: unused variable 'a'",
            "    3 |     int a;",
            *(
                line
                for i in range(5)
                for line in (
                    f"/opt/x/kernel.c:{i}:5: error: use of undeclared identifier 'v{i}'",
                    f"    {i} |     v{i} = 1;",
                    "      |     ^~",
                    f"/opt/x/kernel.c:{i}:1: note: in the function",
                )
            ),
            "5 errors generated.",
        ]
    )
    lines = first_diagnostics(text).splitlines()
    assert [line for line in lines if "error:" in line] == [
        f"kernel.c:{i}:5: error: use of undeclared identifier 'v{i}'" for i in range(3)
    ]
    assert len(lines) == 12
    assert "/opt" not in "\n".join(lines)
    assert not any("warning" in line for line in lines)
    assert len(first_diagnostics("error: long\n" + "x\n" * 99).splitlines()) == 40
    assert first_diagnostics("no word of it\nat all") == "no word of it\nat all"
    assert first_diagnostics("") == ""


@pytest.mark.parametrize(
    ("outcome", "where", "words"),
    [
        (Outcome.BUILD_FAILED, "-", "build_failed: front end: error: x"),
        (Outcome.REJECTED_BY_SCAN, "-", "rejected_by_scan: front end: error: x"),
        (Outcome.WRONG_OUTPUT, "out[1]", "wrong_output on the input `visible n=3`"),
        (Outcome.CRASHED, "-", "crashed on the input `visible n=3`"),
    ],
)
def test_earlier_failures_are_told_without_chance(outcome: Outcome, where: str, words: str) -> None:
    """Lists of attempts are part of a key: no seeds, and no values that poison may have made."""
    found = Counterexample(
        rung=Rung.VISIBLE,
        workload="visible seed=123 variant=4 n=3",
        where=where,
        expected="1",
        got="90210",
    )
    verdict = Verdict(
        outcome=outcome, reason="front end: error: x", evidence=(), counterexample=found
    )
    assert failure_words(verdict) == words
    assert input_words("-") == "a visible input"


TWO_FILES = {
    "a.c": "static int low(int x) { return x; }\nint main(void) { return low(1) + hot(2); }\n",
    "b.c": "int hot(int x)\n{\n    return x * x;\n}\n",
    "b.h": "int hot(int x);\n",
}


class Program(Bench):
    """A program of two files on the made-up workbench."""

    shares: Sequence[tuple[str, int]] | None = (("memcpy", 900), ("hot", 50), ("main", 40))
    profiled: list[Candidate]

    @property
    def benchmark(self):  # type: ignore[no-untyped-def]
        found = super().benchmark
        return type(found)(
            **{**vars(found), "kind": "program", "contract": None, "files": TWO_FILES}
        )

    def hot_blocks(self, candidate: Candidate) -> tuple[HotBlock, ...] | None:
        self.profiled = [candidate]
        if self.shares is None:
            return None
        return tuple(HotBlock(name, 16, 1, n, 0.1) for name, n in self.shares)


def node_of(bench: FakeBench) -> Node:
    """Return the original as a node."""
    return Node("n0", original(bench), None, "original", "test")


def test_a_programs_focus_is_its_hottest_function() -> None:
    """Counted without inlining, among the functions of the sources only."""
    bench = Program()
    desk, _ = desk_of(bench, lambda _: DOWN)
    assert focus(desk, node_of(bench)) == Focus("b.c", "hot")
    assert "-fno-inline" in bench.profiled[0].recipe.frontend


def test_without_a_counter_the_longest_function_is_the_focus() -> None:
    """Something is worked on even if nothing counts here."""
    bench = Program()
    bench.shares = None
    desk, _ = desk_of(bench, lambda _: DOWN)
    found = functions(original(bench))
    assert list(found) == [Focus("a.c", "low"), Focus("a.c", "main"), Focus("b.c", "hot")]
    assert focus(desk, node_of(bench)) == max(found, key=lambda spot: found[spot])


def test_a_recorded_focus_is_kept() -> None:
    """What a tape has observed decides, so a machine without a counter asks the same question."""
    bench = Program()
    desk, model = desk_of(bench, lambda _: DOWN)
    seen: list[tuple[str, float | None]] = []

    def replayed(scope: str, key: str, value: float | None) -> float | None:
        seen.append((key, value))
        return 0.0

    model.observe = replayed  # type: ignore[method-assign]
    assert focus(desk, node_of(bench)) == Focus("a.c", "low")
    assert seen == [(f"focus {original(bench).id}", 2.0)]


def test_a_kernels_focus_is_its_function() -> None:
    """The contract names it; nothing has to be counted."""
    bench = FakeBench()
    desk, _ = desk_of(bench, lambda _: DOWN)
    assert focus(desk, node_of(bench)) == Focus("kernel.c", "scan")
    for level in (Level.IR, Level.ASM):
        lowered = bench.lower(original(bench), level)
        assert isinstance(lowered, Candidate)
        assert list(functions(lowered)) == [Focus(f"kernel{level.suffix}", "scan")]


def test_long_files_are_shown_in_part() -> None:
    """The function whole, the functions it calls, and of the others the signatures."""
    body = "    x += 1;\n" * 900
    text = (
        "#include <stdint.h>\nstruct s { int a; };\n"
        f"static int far(int x)\n{{\n{body}    return x;\n}}\n"
        "static int near(struct s s) { return s.a; }\n"
        f"{SCAN_C.replace('sum += in[i];', 'sum += in[i] + near((struct s){1});')}"
    )
    bench = FakeBench()
    candidate = original(bench).model_copy(update={"files": {"kernel.c": text, "k.h": "int k;\n"}})
    subject = Subject(candidate, Focus("kernel.c", "scan"), bench.benchmark, bench.surroundings)
    shown = CCraft().show(subject)
    assert shown.code.startswith("uint32_t scan(")
    assert "/* k.h */\nint k;" in shown.context
    assert "struct s { int a; };" in shown.context
    assert "return s.a;" in shown.context
    assert "static int far(int x);" in shown.context
    assert "x += 1" not in shown.context
    assert "/* scan stands here */" in shown.context
