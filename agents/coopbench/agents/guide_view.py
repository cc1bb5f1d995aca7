"""What the guide reads: the task once, and in every step the candidates and the ledger."""

from typing import TYPE_CHECKING

from coopbench.agents.actions import Inspect
from coopbench.agents.backends.volatile import clean, volatile
from coopbench.agents.desk import Desk
from coopbench.agents.prompts.specification import specification
from coopbench.agents.protocol.recipe_edits import CODEGEN_OPTIONS, PASS_OPTIONS, PASSES
from coopbench.agents.tree import Node, Tree, gain_bucket
from coopbench.harness.base import Level
from coopbench.harness.ledger import NANO, Currency
from coopbench.harness.optimizer import Workbench

if TYPE_CHECKING:
    from coopbench.agents.situation import Situation

MOST_ROWS = 24
_RECENT = 12
_MOST_SOURCE_LINES = 150
_CLAIM = 80

_UNITS = {
    Currency.MODEL_CALLS: "model calls",
    Currency.TOKENS: "tokens",
    Currency.NANO_DOLLARS: "US dollars",
    Currency.COMPILE_NS: "seconds in compilers",
    Currency.RUN_NS: "seconds in running candidates",
    Currency.WALL_NS: "seconds altogether",
    Currency.EVALUATIONS: "cost estimates",
}
_COUNTS = frozenset({Currency.MODEL_CALLS, Currency.TOKENS, Currency.EVALUATIONS})


def task_values(bench: Workbench) -> dict[str, object]:
    """Return what the guide's system prompt is made from; the same throughout a trial."""
    view = bench.benchmark
    target = bench.surroundings.target
    return {
        "name": view.name,
        "specification": specification(view),
        "target": target,
        "march": view.baseline.march or target.march,
        "compiler": "clang -O3 of the pinned LLVM",
        "level": Level.C,
        "files": [(name, _cut(text)) for name, text in sorted(view.files.items())],
        "pass_names": ", ".join(PASSES),
        "pass_options": ", ".join(PASS_OPTIONS),
        "codegen_options": ", ".join(CODEGEN_OPTIONS),
    }


def step_values(desk: Desk, situation: "Situation") -> dict[str, object]:
    """Return what the prompt of one step is made from."""
    shown = rows(desk.tree)
    return {
        "rows": [_row(n) for n in shown],
        "hidden": len(desk.tree) - len(shown),
        "budget": budget_lines(desk.bench),
        "open_levels": ", ".join(x.value for x in Level if x in situation.open_levels),
        "closed": [(level.value, clean(why)) for level, why in sorted(situation.closed.items())],
        "last": [
            {
                "action": done.action.model_dump_json(),
                "text": done.text,
                # What tools say depends on which of them a machine has.
                "inspected": isinstance(done.action, Inspect),
            }
            for done in situation.last
        ],
    }


def rows(tree: Tree) -> tuple[Node, ...]:
    """Return the candidates that are shown: the original, the best ones, and the latest."""
    nodes = list(tree)
    if len(nodes) <= MOST_ROWS:
        return tuple(nodes)
    keep = {tree.root.id, *(n.id for n in nodes[-_RECENT:])}
    best = tree.best()
    if best is not None:
        keep |= {n.id for n in tree.chain(best)[-_RECENT // 2 :]}
    for n in sorted(nodes, key=lambda n: -(n.gain or 0.0)):
        if len(keep) >= MOST_ROWS:
            break
        keep.add(n.id)
    return tuple(n for n in nodes if n.id in keep)


def budget_lines(bench: Workbench) -> list[str]:
    """Return what is left of each capped currency, and what each level got so far.

    All amounts are volatile: times differ from machine to machine, money with the price list,
    and what failed attempts cost is not spent again when a tape is replayed.
    """
    state = bench.spent()
    lines = []
    for currency, unit in _UNITS.items():
        cap = state.caps.of(currency)
        if cap is not None:
            left = _amount(currency, bench.remaining(currency) or 0)
            lines.append(f"{unit}: {left} of {_amount(currency, cap)} left")
    spent = dict.fromkeys(Level, (0, 0))
    for s in state.by_purpose:
        level = s.purpose.level
        if level is not None:
            calls, tokens = spent[level]
            spent[level] = (calls + s.amounts.model_calls, tokens + s.amounts.tokens)
    lines += [
        f"spent on {level.value}: " + volatile("spent", f"{calls} model calls, {tokens} tokens")
        for level, (calls, tokens) in spent.items()
    ]
    return lines


def _amount(currency: Currency, value: int) -> str:
    text = str(value) if currency in _COUNTS else f"{value / NANO:.4g}"
    return volatile(currency.value, text)


def _row(n: Node) -> str:
    gain = gain_bucket(n.gain)
    if n.gain is not None:
        gain += f" ({volatile('ratio', f'{n.gain:.2f}x')})"
    claim = clean(" ".join(n.claim.split())[:_CLAIM])
    made = "-" if n.parent is None else f"{n.step} of {n.parent}"
    return f"{n.id} | {n.level.value} | {made} | {n.agent} | {n.state} | {gain} | {claim}"


def _cut(text: str) -> str:
    lines = text.splitlines()
    if len(lines) <= _MOST_SOURCE_LINES:
        return text
    left = len(lines) - _MOST_SOURCE_LINES
    return "\n".join([*lines[:_MOST_SOURCE_LINES], f"/* {left} more lines */"])
