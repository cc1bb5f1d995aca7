"""From a cell's trials to the score that enters the aggregates of `harness.measure`.

With one repetition the uncertainty is that of its own blocks. With several, each repetition is
an independent run of the whole entrant, so the spread between them (which holds the noise of
measuring too) is the uncertainty: only the top level counts as replicates (Kalibera and Jones,
ISMM 2013).
"""

import statistics
from collections.abc import Sequence

from coopbench.harness.errors import UsageError
from coopbench.harness.measure.aggregate import Score
from coopbench.harness.model import Decision
from coopbench.reports.claims import Mark, Result

_DECISIONS = {
    Mark.FASTER: Decision.FASTER,
    Mark.SLOWER: Decision.SLOWER,
    Mark.EQUIVALENT: Decision.EQUIVALENT,
    Mark.IDENTICAL: Decision.IDENTICAL,
    Mark.INCONCLUSIVE: Decision.INCONCLUSIVE,
    Mark.UNCLAIMED: Decision.INCONCLUSIVE,
}


def score_trial(result: Result) -> Score:
    """Score one trial; a failure, whatever was measured of it, is one.

    Raises:
        UsageError: if a timed trial lacks the pairs that its numbers must come from.
    """
    benchmark = result.trial.benchmark
    if result.mark is Mark.IDENTICAL:
        return Score(benchmark=benchmark, correct=True, decision=Decision.IDENTICAL)
    if result.mark is Mark.FAILED:
        return Score(benchmark=benchmark, correct=False)
    try:
        score = Score.of(benchmark, result.trial.measurement)
    except ValueError as e:
        raise UsageError(
            f"trial {result.trial.id} cannot be scored: {e}; the store is damaged,"
            " take the run from its bundle or run it again"
        ) from e
    return score.model_copy(update={"decision": _DECISIONS[result.mark]})


def combine(scores: Sequence[Score]) -> Score:
    """Combine the scores of one cell's repetitions into one; failures count as ratio 1.

    Raises:
        ValueError: if there is no score.
    """
    if not scores:
        raise ValueError("a cell without trials has no score")
    if len(scores) == 1:
        return scores[0]
    logs = [s.effective for s in scores]
    decisions = {s.decision for s in scores}
    return Score(
        benchmark=scores[0].benchmark,
        correct=any(s.correct for s in scores),
        log_speedup=statistics.fmean(logs),
        log_variance=statistics.variance(logs) / len(logs),
        df=len(logs) - 1,
        decision=decisions.pop() if len(decisions) == 1 else None,
    )
