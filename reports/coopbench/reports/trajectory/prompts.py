"""Prompts as they are shown: what was said before is referred to, not repeated."""

from collections.abc import Sequence
from dataclasses import dataclass

from coopbench.harness.trajectory import Event
from coopbench.reports.trajectory.events import Turn, text_of, turns_of


@dataclass(frozen=True)
class Prompt:
    """What is new in a request."""

    seq: int
    system: str
    """Empty if it is the same as that of `system_as`."""
    system_as: int | None
    """Number of the first request with the same system prompt, if not this one."""
    turns: tuple[Turn, ...]
    """Messages that no earlier request had in their place."""
    earlier: int
    """Number of messages left out because an earlier request had them."""
    earlier_as: int | None
    """Number of that request."""


def prompts(events: Sequence[Event]) -> dict[int, Prompt]:
    """Return every request by its number, each text where it was used first."""
    systems: dict[tuple[str, str], int] = {}
    talks: dict[tuple[Turn, ...], int] = {}
    found: dict[int, Prompt] = {}
    for event in events:
        if event.kind != "request":
            continue
        system, turns = text_of(event.data, "system"), turns_of(event)
        first = systems.setdefault((event.agent, system), event.seq)
        known = next((n for n in range(len(turns), 0, -1) if turns[:n] in talks), 0)
        earlier_as = talks[turns[:known]] if known else None
        for n in range(known + 1, len(turns) + 1):
            talks[turns[:n]] = event.seq
        found[event.seq] = Prompt(
            event.seq,
            system if first == event.seq else "",
            None if first == event.seq else first,
            turns[known:],
            known,
            earlier_as,
        )
    return found
