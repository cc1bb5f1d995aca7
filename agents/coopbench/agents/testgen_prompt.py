"""What the test agent's model reads: the task once, and in every round what there is to test."""

from collections.abc import Sequence
from typing import Protocol

from coopbench.agents.backends.volatile import clean
from coopbench.agents.desk import Desk
from coopbench.agents.prompts.render import Rendered, render
from coopbench.agents.prompts.specification import specification
from coopbench.agents.tree import Node, gain_bucket
from coopbench.harness.contract import Contract, ScalarType
from coopbench.harness.optimizer import BenchmarkView

MOST = 6
"""Proposals that one answer may hold."""
_CANDIDATES = 8
_OLD_TESTS = 24
_CLAIM = 160
_HINT = 600
_KERNEL_TESTED = (
    "eight random inputs of two small sizes, the arrays as the benchmark draws them, "
    "every array against an unmapped page"
)
_PROGRAM_TESTED = "four random inputs of one small size"
_STDIN_KINDS = "words, json, numbers, bytes, lines"


class Memory(Protocol):
    """What the agent knows of the rounds before."""

    desk: Desk
    accepted: list[str]
    refused: list[str]


def system_prompt(view: BenchmarkView) -> Rendered:
    """Return the stable prefix: task, format, specification, original."""
    about = _kernel(view.contract) if view.contract is not None else _program(view)
    return render(
        "tests",
        name=view.name,
        kernel=view.kind == "kernel",
        specification=specification(view),
        files=sorted(view.files.items()),
        most=MOST,
        **about,
    )


def round_prompt(agent: Memory, focus: str, hint: str) -> Rendered:
    """Return the message of one round: candidates and their claims, tests so far, refusals."""
    shown = sorted(
        (n for n in agent.desk.tree if n.verified and n.parent is not None),
        key=lambda n: -(n.gain or 0.0),
    )
    return render(
        "tests_round",
        focus=focus,
        hint=_line(hint, _HINT),
        claims=_lines([_claim(n) for n in shown[:_CANDIDATES]]),
        accepted=_lines(agent.accepted[-_OLD_TESTS:]),
        refused=_lines(agent.refused[-2 * MOST :]),
        most=MOST,
    )


def _kernel(contract: Contract) -> dict[str, object]:
    inputs = [p for p in contract.arrays if p.is_input]
    able = [p for p in contract.arrays if p.overlaps is not None]
    return {
        "tested": _KERNEL_TESTED,
        "floats": any(p.type.is_float for p in contract.parameters),
        "text": any(p.type is ScalarType.U8 for p in inputs),
        "scalars": ", ".join(p.name for p in contract.scalars) or "none",
        "arrays": ", ".join(f"{p.name} ({p.type}[{p.shape}])" for p in inputs) or "none",
        "overlaps": "; ".join(
            f'{{"{p.name}": distance in elements from the start of {p.overlaps}, '
            f"{p.overlap_delta[0]} to {p.overlap_delta[1]}}}; left out: apart"
            for p in able
        ),
    }


def _program(view: BenchmarkView) -> dict[str, object]:
    program = view.program
    assert program is not None
    form = " ".join(f'"{a}"' for a in program.argv)
    text = (
        'a text, or {"kind": K, "size": bytes, "seed": integer} with K one of: '
        f'{_STDIN_KINDS}; or {{"repeat": a text, "times": integer}}; or a list of these, joined. '
        "Any bytes are legal."
    )
    return {
        "tested": _PROGRAM_TESTED,
        "arguments": f"{form}, with integers in the braces" if form else "none; leave it out",
        "stdin": "none; leave it out" if program.stdin.kind == "none" else text,
    }


def _claim(n: Node) -> str:
    return f"{n.id} ({n.agent}, {n.step}, {gain_bucket(n.gain)}): {_line(n.claim, _CLAIM)}"


def _lines(texts: Sequence[str]) -> str:
    return "\n".join(_line(t, 2 * _CLAIM) for t in texts)


def _line(text: str, most: int) -> str:
    return clean(" ".join(text.split()))[:most]
