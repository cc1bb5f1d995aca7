"""Synthetic trajectories: what the agents of this project write, and what others might."""

from collections.abc import Iterator
from dataclasses import dataclass

from coopbench.harness.base import Level
from coopbench.harness.ledger import NANO, Amounts
from coopbench.harness.trajectory import Event

KERNEL = """\
void gemm(const float *a, const float *b, float *c, int n) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      float s = 0.0f;
      for (int k = 0; k < n; k++)
        s += a[i * n + k] * b[k * n + j];
      c[i * n + j] = s;
    }
}
"""
SWAPPED = """\
void gemm(const float *a, const float *b, float *restrict c, int n) {
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) c[i * n + j] = 0.0f;
    for (int k = 0; k < n; k++)
      for (int j = 0; j < n; j++)
        c[i * n + j] += a[i * n + k] * b[k * n + j];
  }
}
"""
BROKEN = SWAPPED.replace("c[i * n + j] = 0.0f;", ";")
IR = """\
define void @gemm(ptr %a, ptr %b, ptr noalias %c, i32 %n) {
entry:
  %empty = icmp slt i32 %n, 1
  br i1 %empty, label %done, label %rows
rows:
  br label %done
done:
  ret void
}
"""
IR_EDITED = IR.replace("  br i1 %empty", "  call void @llvm.assume(i1 true)\n  br i1 %empty")
ASM = "gemm:\n\txorl %eax, %eax\n\tretq\n"
ASM_EDITED = "gemm:\n\tretq\n"


@dataclass(frozen=True)
class Script:
    """What a synthetic trajectory is to tell."""

    entrant: str = "cooperative"
    winner: str | None = None
    """Candidate id that the trial's record names; the last node of the chain gets it."""
    hostile: str = ""
    """Put into every text that comes from a model or a program."""
    seed: str = "trial"
    done: bool = True
    """False for a search that was killed: no end."""


class _Log:
    """Stamps events as the recorder does."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.spent = Amounts()
        self.clock = 0.0

    def add(self, kind: str, text: str = "", **more: object) -> None:
        self.clock = round(self.clock + 0.004, 6)
        event = Event.model_validate(
            {
                "seq": len(self.events),
                "at_s": self.clock,
                "kind": kind,
                "text": text,
                "spent": self.spent,
                **more,
            }
        )
        self.events.append(event)

    def spend(self, seconds: float, **amounts: int) -> None:
        self.clock = round(self.clock + seconds, 6)
        self.spent = self.spent.plus(Amounts.model_validate(amounts))


@dataclass(frozen=True)
class _Made:
    node: str
    parent: str | None
    step: str
    agent: str
    level: Level
    text: str
    claim: str
    outcome: str | None = None
    cost: float | None = None
    ask: bool = True


def made_candidates() -> Iterator[_Made]:
    """Yield the nodes of the tree: a chain C, IR, assembly, a wrong one and a slower one."""
    c, ir, asm = Level.C, Level.IR, Level.ASM
    yield _Made("n0", None, "original", "harness", c, KERNEL, "", cost=0.0100, ask=False)
    yield _Made("n1", "n0", "rewrite", "c", c, BROKEN, "interchange j and k", "wrong_output")
    yield _Made("n2", "n0", "rewrite", "c", c, SWAPPED, "interchange, clear first", cost=0.0071)
    yield _Made("n3", "n2", "lower", "guide", ir, IR, "lowered to ir", cost=0.0071, ask=False)
    yield _Made("n4", "n3", "rewrite", "ir", ir, IR_EDITED, "assume nothing is empty", cost=0.0066)
    yield _Made("n5", "n4", "lower", "guide", asm, ASM, "lowered to asm", cost=0.0066, ask=False)
    yield _Made("n6", "n5", "rewrite", "asm", asm, ASM_EDITED, "drop a dead move", cost=0.0065)
    yield _Made("n7", "n2", "codegen", "guide", c, SWAPPED + "\n", "-O2", cost=0.0090, ask=False)


def make_events(script: Script | None = None) -> tuple[Event, ...]:
    """Return the events of a search as the agents and the workbench of this project write them."""
    script = script or Script()
    log = _Log()
    log.add("begin", f"{script.entrant} on a benchmark", agent=script.entrant)
    ids: dict[str, str] = {}
    for made in made_candidates():
        last = made.node == "n6"
        ids[made.node] = (
            script.winner if last else None
        ) or f"{made.node:0>3}{script.seed:.>13.13}"
        if made.ask:
            _ask(log, made, script)
        _judge(log, made, ids, script)
        if made.node == "n1":
            log.add(
                "malformed",
                f"two fenced blocks{script.hostile}",
                agent="c",
                level=Level.C,
                data={"kind": "two_candidates"},
            )
        if made.node == "n4":
            log.add("duplicate", "the same as n4", agent="ir", candidate=ids["n4"])
    log.add(
        "call_failed",
        "api: HTTP 529 after 4 attempts",
        agent="guide",
        data={"kind": "unavailable", "message": "overloaded"},
    )
    log.add(
        "telemetry", f"from the future{script.hostile}", data={"new": [1, {"x": script.hostile}]}
    )
    if script.done:
        log.add("end", f"hands in {ids['n6']} at level asm", agent=script.entrant)
    return tuple(log.events)


def _ask(log: _Log, made: _Made, script: Script) -> None:
    prompt = f"Rewrite the function.\n```c\n{KERNEL}```\n{script.hostile}"
    log.add(
        "request",
        f"rewrite {made.node}",
        agent=made.agent,
        data={
            "template": "rewrite.md",
            "template_sha256": "0" * 64,
            "system": f"You make {made.level.value} faster.{script.hostile}",
            "messages": [{"role": "user", "text": prompt}],
        },
    )
    cost = Amounts(model_calls=1, tokens=2_400, nano_dollars=3_000_000)
    log.spend(4.2, model_calls=1, tokens=2_400, nano_dollars=3_000_000)
    log.add(
        "answer",
        f'```\n{made.text}```\n{{"claim": "{made.claim}"}}{script.hostile}',
        agent=made.agent,
        level=made.level,
        data={
            "source": "script: synthetic",
            "model": "synthetic",
            "stop": "end",
            "seconds": 4.2,
            "cost": cost.model_dump(mode="json"),
        },
    )


def _judge(log: _Log, made: _Made, ids: dict[str, str], script: Script) -> None:
    candidate = ids[made.node]
    parent = None if made.parent is None else ids[made.parent]
    of = "" if made.parent is None else f" of {made.parent}: {made.claim}{script.hostile}"
    log.add(
        "candidate",
        f"{made.node} = {made.step}{of}",
        agent=made.agent,
        level=made.level,
        candidate=candidate,
        parent=parent,
        data={
            "node": made.node,
            "parent_node": made.parent,
            "step": made.step,
            "edit": made.level.value if made.step == "rewrite" else None,
            "files": {f"kernel{made.level.suffix}": made.text + script.hostile},
            "recipe": {},
        },
    )
    about = {"agent": made.agent, "level": made.level, "candidate": candidate}
    log.spend(0.5, compile_ns=3 * NANO // 10, run_ns=NANO // 5)
    reason = f"visible test 2 of 8: out[3] differs{script.hostile}" if made.outcome else "8 inputs"
    found = {"outcome": made.outcome or "passed", "action": "check", "seconds": 0.5}
    log.add("check", reason, **about, data=found)
    if made.cost is not None:
        log.spend(0.1, run_ns=NANO // 10, evaluations=1)
        known = {"outcome": "known", "action": "cost", "seconds": 0.1, "value": made.cost}
        log.add("cost", f"{made.cost:g}", **about, data=known)
        gain = 0.0100 / made.cost
        if made.node in ("n2", "n4", "n6"):
            log.add("best", f"{gain:.4f} times the baseline's speed", **about, data={"gain": gain})
