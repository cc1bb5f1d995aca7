"""A synthetic run in which expert versions were judged beside the entrants."""

from tests.support.report_runs import ENTRANTS, V2, RunShape, make_run

from coopbench.harness.model import Decision, Interval, Outcome, Trial
from coopbench.harness.record import RunRecord

CEILINGS = {"matmul": 4.0, "crc32": 2.0, "float_sum": 1.04}
"""What the expert versions reach; `word_count` has none."""
HEADROOM = RunShape(
    entrants=(*ENTRANTS, ("ceiling", "ceiling", 3.0)), targets=(V2,), failures={}, most_pairs=14
)


def measured(trial: Trial, speedup: float) -> Trial:
    """Return a trial that was found faster by a factor, in every pair."""
    m = trial.measurement
    assert m is not None
    blocks = tuple(
        b.model_copy(
            update={
                "launches": (
                    b.launches[0],
                    b.launches[1].model_copy(update={"value": b.launches[0].value / speedup}),
                )
            }
        )
        for b in m.blocks
    )
    update = {
        "decision": Decision.FASTER,
        "speedup": speedup,
        "interval": Interval(low=speedup * 0.98, high=speedup * 1.02, confidence=0.95),
        "layout_interval": None,
        "p_value": 1e-9,
        "blocks": blocks,
    }
    return trial.model_copy(
        update={"outcome": Outcome.FASTER, "measurement": m.model_copy(update=update)}
    )


def same(trial: Trial) -> Trial:
    """Return a trial of the original, as where no expert version is known."""
    return trial.model_copy(update={"outcome": Outcome.NO_CHANGE, "measurement": None})


def make_headroom(shape: RunShape = HEADROOM) -> tuple[RunRecord, tuple[Trial, ...]]:
    """Return a run in which the autotuner halves every time, and experts reach `CEILINGS`."""
    record, trials = make_run(shape)

    def told(t: Trial) -> Trial:
        if t.entrant == "autotune":
            return measured(t, 2.0)
        if t.entrant != "ceiling":
            return t
        return measured(t, CEILINGS[t.benchmark]) if t.benchmark in CEILINGS else same(t)

    return record, tuple(told(t) for t in trials)
