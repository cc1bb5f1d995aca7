"""A trajectory in the terminal: the tree of candidates, what was spent, what went wrong.

Everything that a model or a program wrote is printed as text, with control characters visible.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from coopbench.harness.ledger import NANO, Amounts
from coopbench.harness.trajectory import Event
from coopbench.reports import wording
from coopbench.reports.trajectory.events import UNCHECKED, brief, first_line
from coopbench.reports.trajectory.prompts import Prompt, prompts
from coopbench.reports.trajectory.story import Node, Story
from coopbench.reports.trajectory.totals import Tally, Total, tallies, totals

_WINNER = "bold green"


@dataclass(frozen=True)
class Detail:
    """How much is shown."""

    events: bool = False
    """List every event in order."""
    full: bool = False
    """List them with whole prompts and answers."""


def render_trajectory(story: Story, detail: Detail | None = None) -> RenderableType:
    """Return the whole picture for a terminal."""
    detail = detail or Detail()
    parts: list[RenderableType] = [*_head(story), Text(""), _tree(story), Text("")]
    parts += [_tallies(tallies(story)), Text(""), _spent(story), Text(""), *_mishaps(story)]
    if detail.events or detail.full:
        parts += [Text(""), Text("Events", style="bold"), *_events(story, full=detail.full)]
    return Group(*parts)


def _head(story: Story) -> Iterator[Text]:
    key = story.key
    title = f"{key.entrant} on {key.benchmark}, {key.target}, repetition {key.repetition}"
    yield Text(wording.printable(title), style="bold")
    yield Text(wording.printable(f"trial {story.trial_id}"), style="dim")
    trial = story.trial
    if trial is None:
        yield Text("not finished: the trial runs, or was killed; this is what its log holds so far")
        return
    yield Text(wording.printable(f"{trial.outcome.value.replace('_', ' ')}: {trial.reason}"))
    for source, answers in trial.sources.items():
        line = f"answers: {answers} from {source}"
        yield Text(wording.printable(line), style="dim")


def _tree(story: Story) -> RenderableType:
    if not story.nodes:
        return Text("The log holds no candidate.")
    chain = {n.candidate for n in story.chain}
    what = "handed in" if story.finished else "best so far"
    note = f"* {what}, and what it was made from" if chain else "nothing was handed in"
    root = Tree(Text(f"Candidates ({note}; gains are search-time estimates, not results)"))
    branches: list[Tree] = [root]
    for depth, node in story.walk():
        del branches[depth + 1 :]
        branches.append(branches[depth].add(_line(node, won=node.candidate in chain)))
    return root


def _line(node: Node, *, won: bool) -> Text:
    line = Text(f"{'* ' if won else ''}{wording.printable(node.name)}", _WINNER if won else "bold")
    by = f" by {node.agent}" if node.agent else ""
    step = node.step or "made"
    line.append(wording.printable(f" {wording.level_name(node.level)}, {step}{by}"), "not bold")
    if node.claim:
        line.append(wording.printable(f": {node.claim}", 90), "not bold")
    line.append(wording.printable(f"  {verdict(node)}"), _style(node))
    line.append(f"  ({spent_line(node.spent)})", "not bold dim")
    return line


def verdict(node: Node) -> str:
    """Return a candidate's state in a few words, with its gain if it has one."""
    if node.verified:
        return f"ok {wording.times(node.gain)}" if node.gain is not None else "ok"
    return node.state.replace("_", " ") + (f": {first_line(node.reason)}" if node.reason else "")


def spent_line(spent: Amounts) -> str:
    """Return what had been spent, briefly."""
    calls = wording.plural(spent.model_calls, "call")
    seconds = wording.seconds((spent.compile_ns + spent.run_ns) / NANO)
    return f"{calls}, {spent.tokens} tokens, {seconds}"


def _style(node: Node) -> str:
    if node.state == UNCHECKED:
        return "not bold dim"
    return "not bold green" if node.verified else "not bold red"


def _table(*columns: str, left: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for i, column in enumerate(columns):
        table.add_column(Text(column), justify="left" if i < left else "right")
    return table


def _tallies(found: Sequence[Tally]) -> Table:
    table = _table("made by", "level", "candidates", "verified", "best gain", left=2)
    for t in found:
        cells = (t.agent or "?", wording.level_name(t.level), str(t.candidates), str(t.verified))
        table.add_row(*(Text(wording.printable(c)) for c in cells), Text(wording.times(t.best)))
    return table


def _spent(story: Story) -> Table:
    columns = ("level", "agent", "action", "calls", "tokens", "money", "compiling", "running")
    table = _table(*columns, "evaluations", left=3)
    for total in totals(story):
        p, a = total.purpose, total.amounts
        names = (wording.level_name(p.level), p.agent or "-", p.action)
        table.add_row(*(Text(wording.printable(n)) for n in names), *_amounts(a))
    whole = story.spent if story.trial is None else _whole(totals(story))
    table.add_row(Text("in all"), Text(""), Text(""), *_amounts(whole), style="bold")
    return table


def _whole(found: Sequence[Total]) -> Amounts:
    whole = Amounts()
    for total in found:
        whole = whole.plus(total.amounts)
    return whole


def _amounts(a: Amounts) -> tuple[str, ...]:
    money = wording.money(a.nano_dollars, whole=not a.unpriced_calls)
    return (
        str(a.model_calls or "-"),
        str(a.tokens or "-"),
        money if a.model_calls else "-",
        wording.seconds(a.compile_ns / NANO) if a.compile_ns else "-",
        wording.seconds(a.run_ns / NANO) if a.run_ns else "-",
        str(a.evaluations or "-"),
    )


def _mishaps(story: Story) -> Iterator[RenderableType]:
    found = story.mishaps
    if not found:
        yield Text("No malformed answers, failed calls or refused actions.")
        return
    yield Text("Malformed answers, failed calls and refused actions", style="bold")
    for e in found:
        yield Text(wording.printable(f"#{e.seq} {_when(e)} {e.agent or '?'}: {brief(e)}"))


def _when(event: Event) -> str:
    return f"{event.at_s:.2f} s"


def _events(story: Story, *, full: bool) -> Iterator[RenderableType]:
    asked = prompts(story.events) if full else {}
    for e in story.events:
        level = f" ({wording.level_name(e.level)})" if e.level is not None else ""
        about = f" [{e.candidate}]" if e.candidate else ""
        line = Text(wording.printable(f"#{e.seq} {_when(e)} {e.kind}"), "bold")
        line.append(wording.printable(f" {e.agent}{level}{about} "), "not bold dim")
        line.append(wording.printable(brief(e), 100), "not bold")
        yield line
        if e.seq in asked:
            yield from _prompt(asked[e.seq])
        if full and e.kind in ("answer", "call_failed"):
            yield _indented(e.text)


def _prompt(prompt: Prompt) -> Iterator[RenderableType]:
    if prompt.system_as is not None:
        yield _indented(f"(system prompt as in #{prompt.system_as})")
    elif prompt.system:
        yield Text("    system:", "dim")
        yield _indented(prompt.system)
    if prompt.earlier:
        number = wording.plural(prompt.earlier, "earlier message")
        yield _indented(f"({number} as in #{prompt.earlier_as})")
    for turn in prompt.turns:
        yield Text(f"    {wording.printable(turn.role)}:", "dim")
        yield _indented(turn.text)


def _indented(text: str) -> Text:
    return Text("\n".join(f"      {line}" for line in wording.block(text).split("\n")))
