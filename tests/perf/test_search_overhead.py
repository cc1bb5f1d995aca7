"""What the cooperative system itself costs for each call of a model: measured and printed.

Compilers, subjects and the provider take no time here, so all that is measured is ours: prompts,
parsing, splicing, the tree, the policy, the ledger, and the trajectory, forced to the disk.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.fake_bench import SCAN_ASM, SCAN_C, SCAN_IR, FakeBench, by_chance
from tests.support.search_scripts import Said, act, code, desk_of

from coopbench.agents.backends.model import Request
from coopbench.agents.guide import ModelGuide
from coopbench.agents.policies import policy
from coopbench.agents.search import Search
from coopbench.agents.tree import Node
from coopbench.harness.base import Level
from coopbench.harness.trajectory import FileJournal

pytestmark = pytest.mark.perf

BAR_S = 0.050
STEPS = 90
FUNCTION = SCAN_C[SCAN_C.index("uint32_t scan") :]
DEFINE = SCAN_IR[SCAN_IR.index("define") : SCAN_IR.index("attributes")]
BODY = SCAN_ASM[SCAN_ASM.index("scan:") : SCAN_ASM.index(".Lfunc_end0")]


def answers() -> Iterator[str]:
    """Return the guide's choices: all levels in turn, always from the original."""
    while True:
        for level in Level:
            yield act("rewrite", level=level, parent="n0", attempts=2)


def test_own_time_for_each_model_call(tmp_path: Path) -> None:
    """At most 50 ms a call beyond compilers, subjects and the provider, in a long search too."""
    bench = FakeBench(by_chance(1, wrong=0.5, unbuildable=0.1))
    choices = answers()
    numbers = iter(range(1, 10_000))

    def script(request: Request) -> Said:
        number = next(numbers)
        match request.role:
            case "guide":
                return next(choices)
            case "c":
                return code(FUNCTION.replace("sum = 0;", f"sum = {number} * 0;"))
            case "ir":
                return code(DEFINE.replace("%12", f"%v{number}"), "llvm")
            case _:
                return code(BODY.replace("incq\t%rcx", f"addq\t${number}, %rcx"), "asm")

    desk, backend = desk_of(bench, script)
    with FileJournal(tmp_path / "trajectory.jsonl") as journal:
        bench.write_to(journal)
        start, cpu = time.perf_counter(), time.process_time()
        found = Search(desk, policy("guided"), ModelGuide(desk), STEPS).run()
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    calls = len(backend.requests)
    print(
        f"\n{calls} model calls, {len(desk.tree)} candidates, "
        f"{1000 * seconds / calls:.1f} ms of our own time a call, of which "
        f"{1000 * cpu / calls:.1f} ms are computing, the rest waits for the disk"
    )
    assert isinstance(found, Node)
    assert calls > 2 * STEPS
    assert len(desk.tree) > STEPS
    assert seconds / calls <= BAR_S
