"""What goes back to a model after its answer was judged: diagnostics, counterexamples, costs.

The template marks what may differ between machines (poison that a candidate read, counts that
need an emulator) as volatile.
"""

import re

from coopbench.agents.backends.volatile import clean
from coopbench.agents.desk import Desk
from coopbench.agents.evidence import Costs, gather
from coopbench.agents.prompts.render import Rendered, render
from coopbench.agents.tree import Node, gain_bucket
from coopbench.harness.model import Outcome, Verdict
from coopbench.harness.optimizer import BuildFailed

_DIAGNOSTIC = re.compile(r"\b(error|warning|note|remark):")
_NOISE = re.compile(r"^(?:In file included from |\d+ (?:error|warning)s? )")
_FOLDERS = re.compile(r"^/\S*/(?=[^/\s:]+:\d+)")
_CHANCE = re.compile(r"\b(?:seed|variant)=\d+\s*")
_WIDEST = 200
_TOLD_BY_TOOLS = frozenset({Outcome.BUILD_FAILED, Outcome.REJECTED_BY_SCAN})


def verdict_feedback(desk: Desk, node: Node, parent: Node, before: Costs, left: int) -> Rendered:
    """Return what to tell the model about a candidate that is not good enough.

    Args:
        desk: Where it was judged.
        node: The candidate, with its verdict.
        parent: What it was made from.
        before: The parent's costs.
        left: Attempts that remain.

    Raises:
        BudgetSpentError: if the budget does not allow a look at the candidate.
    """
    values = _not_faster(desk, node, parent, before) if node.verified else _failed(desk, node)
    return render("feedback", left=left, **values)


def duplicate_feedback(known: Node, left: int) -> Rendered:
    """Return what to tell the model about an answer whose content was judged before."""
    return render("feedback", left=left, kind="duplicate", node=known.id, state=known.state)


def first_diagnostics(text: str, most: int = 3, lines: int = 40) -> str:
    """Return the first errors of a tool's messages, each with what belongs to it; no folders.

    Without any error the first lines are returned as they are.
    """
    groups: list[tuple[str, list[str]]] = [("", [])]
    useful = (line.rstrip() for line in text.splitlines() if not _NOISE.match(line))
    for line in (_FOLDERS.sub("", line)[:_WIDEST] for line in useful):
        found = _DIAGNOSTIC.search(line)
        if found and found[1] != "note":
            groups.append((found[1], []))
        groups[-1][1].append(line)
    errors = [group for kind, group in groups if kind == "error"][:most]
    chosen = errors or [group for _, group in groups]
    return "\n".join([line for group in chosen for line in group][:lines]).strip("\n")


def failure_words(verdict: Verdict) -> str:
    """Return why a candidate failed in one line, for lists of earlier attempts.

    Only what is the same on every machine: such a list is part of what an answer is found by.
    """
    if verdict.outcome in _TOLD_BY_TOOLS:
        return f"{verdict.outcome}: {clean(verdict.reason)[:_WIDEST]}"
    found = verdict.counterexample
    return f"{verdict.outcome} on {input_words(found.workload if found else '')}"


def input_words(workload: str) -> str:
    """Return an input's description without the numbers that only regenerate it."""
    words = " ".join(_CHANCE.sub("", clean(workload)).split())
    return f"the input `{words}`" if words and words != "-" else "a visible input"


def _failed(desk: Desk, node: Node) -> dict[str, object]:
    verdict = node.verdict
    if verdict is None or verdict.outcome is None:
        raise ValueError(f"{node.id} has not failed")
    if verdict.outcome is Outcome.BUILD_FAILED:
        return _build_failed(desk, node, verdict)
    found = verdict.counterexample
    workload = input_words(found.workload if found else "")
    if verdict.outcome is Outcome.REJECTED_BY_SCAN:
        return {"kind": "rejected_by_scan", "reason": clean(verdict.reason)}
    if verdict.outcome is Outcome.WRONG_OUTPUT:
        return {"kind": "wrong_output", "input": workload, "difference": _difference(verdict)}
    kind = "timed_out" if verdict.outcome is Outcome.TIMED_OUT else "crashed"
    return {"kind": kind, "input": workload, "reason": verdict.reason}


def _difference(verdict: Verdict) -> str:
    found = verdict.counterexample
    if found is None or found.where == "-":
        return verdict.reason
    return f"at {found.where}\nexpected: {found.expected}\ngot:      {found.got}"


def _build_failed(desk: Desk, node: Node, verdict: Verdict) -> dict[str, object]:
    # The verdict has one line; the build's own result, from the cache, has all of them.
    built = desk.bench.build(node.candidate)
    failed = built if isinstance(built, BuildFailed) else BuildFailed("build", verdict.reason)
    return {
        "kind": "build_failed",
        "step": failed.step,
        "diagnostics": first_diagnostics(failed.diagnostics) or verdict.reason,
    }


def _not_faster(desk: Desk, node: Node, parent: Node, before: Costs) -> dict[str, object]:
    ratio = node.gain / parent.gain if node.gain and parent.gain else None
    return {
        "kind": "slower",
        "change": gain_bucket(ratio),
        "before": before.words,
        "after": gather(desk.bench, node.candidate).costs.words,
    }
