"""How records become database rows and rows become records again."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from coopbench.harness.base import Frozen
from coopbench.harness.model import Block, Trial
from coopbench.harness.storage_errors import damaged

M = TypeVar("M", bound=Frozen)

HeadRow = tuple[str, int, str]
"""Trial id, block index, the block's JSON without its launches."""
LaunchRow = tuple[str, int, str, float, str]
"""Trial id, block index, arm, value, the launch's whole JSON."""


class TrialKey(NamedTuple):
    """What identifies a trial within its run."""

    entrant: str
    benchmark: str
    target: str
    repetition: int

    @classmethod
    def of(cls, trial: Trial) -> Self:
        """Return the key of a trial."""
        return cls(trial.entrant, trial.benchmark, trial.target, trial.repetition)

    def trial_id(self, run_id: str) -> str:
        """Return the trial's id (16 hex digits): the same whenever the run is resumed."""
        text = json.dumps([run_id, *self])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return f"{self.entrant} on {self.benchmark}, {self.target}, repetition {self.repetition}"


def block_rows(trial_id: str, blocks: Sequence[Block]) -> tuple[list[HeadRow], list[LaunchRow]]:
    """Split blocks into the rows of tables `blocks` and `launches`.

    Raises:
        ValueError: if indices do not increase or a pair is not (baseline, candidate); such
            blocks could not be rebuilt from their rows.
    """
    if any(a.index >= b.index for a, b in pairwise(blocks)):
        raise ValueError(f"trial {trial_id}: block indices must increase")
    if any(tuple(x.arm for x in b.launches) != ("baseline", "candidate") for b in blocks):
        raise ValueError(f"trial {trial_id}: a block must hold (baseline, candidate)")
    heads = [(trial_id, b.index, render(b, {"launches"})) for b in blocks]
    launches: list[LaunchRow] = [
        (trial_id, b.index, x.arm, x.value, render(x, nulls=False))
        for b in blocks
        for x in b.launches
    ]
    return heads, launches


def join_blocks(rows: Iterable[Sequence[str]], place: Path) -> dict[str, tuple[Block, ...]]:
    """Rebuild blocks by trial id from (trial id, block JSON, launch JSON) rows.

    Args:
        rows: Two rows for each block, baseline first, ordered by trial and block index.
        place: The store, for the error message.

    Raises:
        UsageError: if a launch is missing or a text is damaged.
    """
    pairs: dict[tuple[str, str], list[str]] = {}
    for trial_id, head, launch in rows:
        pairs.setdefault((trial_id, head), []).append(launch)
    blocks: dict[str, list[Block]] = {}
    for (trial_id, head), launches in pairs.items():
        where = f"a block of trial {trial_id}"
        text = f'{head.rstrip().removesuffix("}")},"launches":[{",".join(launches)}]}}'
        blocks.setdefault(trial_id, []).append(parse(Block, text, place, where))
    return {trial_id: tuple(found) for trial_id, found in blocks.items()}


def with_blocks(trial: Trial, blocks: tuple[Block, ...]) -> Trial:
    """Return the trial with its measurement's raw blocks put back."""
    if trial.measurement is None or not blocks:
        return trial
    measurement = trial.measurement.model_copy(update={"blocks": blocks})
    return trial.model_copy(update={"measurement": measurement})


def render(
    record: Frozen, exclude: set[str] | dict[str, set[str]] | None = None, *, nulls: bool = True
) -> str:
    """Write one record as JSON.

    Args:
        record: Any record.
        exclude: Fields to leave out, as pydantic names them.
        nulls: Write fields that are None; without them the reader fills them in.

    Raises:
        KeyboardInterrupt: if it was the user's wish; pydantic itself wraps a Ctrl-C that
            arrives while it serializes, and the run would end as if by our own fault.
    """
    try:
        return record.model_dump_json(exclude=exclude, exclude_none=not nulls)
    except PydanticSerializationError as e:
        if KeyboardInterrupt.__name__ in str(e):
            raise KeyboardInterrupt from e
        raise


def parse(model: type[M], text: str, place: Path, what: str) -> M:
    """Read one stored record.

    Raises:
        UsageError: naming the store and the record if its JSON is damaged.
    """
    try:
        return model.model_validate_json(text)
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(str(p) for p in first["loc"])
        raise damaged(place, f"{what}: {where + ': ' if where else ''}{first['msg']}") from None
