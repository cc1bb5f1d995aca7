"""Every record survives JSON and the store unchanged, whatever legal values it holds."""

import operator
import tempfile
import types
from enum import Enum
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue
from pydantic.fields import FieldInfo

from coopbench.harness.base import Frozen
from coopbench.harness.benchmark import Manifest
from coopbench.harness.budget import BudgetSnapshot
from coopbench.harness.model import Block, Candidate, Trial
from coopbench.harness.record import RunRecord
from coopbench.harness.store import Store

M = TypeVar("M", bound=Frozen)

SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=12),
    int: st.integers(min_value=0, max_value=2**31 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    types.NoneType: st.none(),
    JsonValue: st.recursive(
        st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=4,
    ),
}


def values(annotation: Any) -> st.SearchStrategy[Any]:
    """Return all legal values of a field's type, containers kept short."""
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation in SCALARS:
        return SCALARS[annotation]
    if origin in (Union, types.UnionType):
        return st.one_of(*(values(a) for a in args))
    if origin is Literal:
        return st.sampled_from(args)
    if origin is dict:
        return st.dictionaries(values(args[0]), values(args[1]), max_size=3)
    if origin is tuple and args[-1] is Ellipsis:
        return st.lists(values(args[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*(values(a) for a in args))
    if hasattr(annotation, "__metadata__"):
        return values(annotation.__origin__)
    if issubclass(annotation, Enum):
        return st.sampled_from(list(annotation))
    return records(annotation)


def records(model: type[M]) -> st.SearchStrategy[M]:
    """Return records of a type with every field drawn."""
    fields = model.model_fields.items()
    return st.builds(model, **{name: bounded(field) for name, field in fields})


def bounded(field: FieldInfo) -> st.SearchStrategy[Any]:
    """Return all values of a field within the bounds that it states itself."""
    limits = {
        name: getattr(mark, name)
        for mark in field.metadata
        for name in ("gt", "ge", "lt", "le")
        if getattr(mark, name, None) is not None
    }

    def legal(value: Any) -> bool:
        checks = {"gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le}
        return value is None or all(checks[n](value, limit) for n, limit in limits.items())

    if "le" in limits and field.annotation is int:
        return st.integers(limits["ge"], limits["le"])
    return values(field.annotation).filter(legal) if limits else values(field.annotation)


def storable(trial: Trial, run_id: str) -> Trial:
    """Number the blocks and name the arms as the referee does."""
    if trial.measurement is None:
        return trial.model_copy(update={"run": run_id})
    blocks = []
    for i, block in enumerate(trial.measurement.blocks):
        a, b = block.launches
        launches = (
            a.model_copy(update={"arm": "baseline"}),
            b.model_copy(update={"arm": "candidate"}),
        )
        blocks.append(block.model_copy(update={"index": i, "launches": launches}))
    measurement = trial.measurement.model_copy(update={"blocks": tuple(blocks)})
    return trial.model_copy(update={"run": run_id, "measurement": measurement})


@pytest.mark.parametrize("model", [Trial, RunRecord, Candidate, BudgetSnapshot])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_json_round_trip(model: type[Frozen], data: st.DataObject) -> None:
    """Reading a record's JSON gives the same record, and writing that the same JSON."""
    record = data.draw(records(model))
    text = record.model_dump_json()
    again = model.model_validate_json(text)
    assert again == record
    assert again.model_dump_json() == text


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(run=records(RunRecord), trial=records(Trial), block=records(Block))
def test_store_round_trip(run: RunRecord, trial: Trial, block: Block) -> None:
    """What a store gives back is byte for byte what was stored, after reopening it."""
    trial = storable(trial, run.id)
    block = block.model_copy(update={"index": 0})
    with tempfile.TemporaryDirectory() as folder:
        with Store.open(Path(folder)) as store:
            store.create_run(run)
            store.append_block("in flight", block)
            store.commit_trial(trial)
        with Store.open(Path(folder)) as store:
            store.verify()
            assert store.run(run.id).model_dump_json() == run.model_dump_json()
            (stored,) = store.trials(run.id)
            assert stored.model_dump_json() == trial.model_dump_json()
            assert stored == trial
            expected = () if trial.id == "in flight" else (block,)
            assert store.pending("in flight") == expected


@given(st.text(min_size=1, max_size=12))
def test_unknown_keys_are_refused(key: str) -> None:
    """No record type takes a key it does not know."""
    for model in (Trial, RunRecord, Candidate, Manifest):
        if key not in model.model_fields:
            with pytest.raises(ValueError, match="Extra inputs"):
                model.model_validate({key: 1})
