"""The best candidate of a search at any time, and the curve that led to it."""

from collections.abc import Callable
from dataclasses import dataclass

from coopbench.harness.ledger import Amounts, CurvePoint
from coopbench.harness.model import Candidate


@dataclass
class _Standing:
    candidate: Candidate
    passed: bool = False
    """What the last check said."""
    cost: float | None = None
    """The lowest estimate."""


@dataclass(frozen=True)
class _Moment:
    """When a candidate was first known to be right and to have this cost."""

    candidate: Candidate
    cost: float
    spent: Amounts


@dataclass(frozen=True)
class Lead:
    """A candidate that has just become the best."""

    candidate: Candidate
    gain: float | None
    """cost(baseline) / cost(candidate); None if the baseline's cost is not to be had."""


class Anytime:
    """What checks and cost estimates say, in whatever order they are made.

    A candidate that fails a later check (the tests may have grown) is no longer a best one, nor
    a point of the curve; those that it overshadowed then are.

    Args:
        baseline: Id of the baseline as a candidate.
        cost_of_baseline: Estimates its cost; called at most once, when the first candidate is
            verified, unless the entrant has had the baseline's cost estimated by then.
    """

    def __init__(self, baseline: str, cost_of_baseline: Callable[[], float | None]) -> None:
        self._baseline = baseline
        self._ask = cost_of_baseline
        self._asked = False
        self._baseline_cost: float | None = None
        self._standings: dict[str, _Standing] = {}
        self._moments: list[_Moment] = []

    def checked(self, candidate: Candidate, spent: Amounts, *, passed: bool) -> Lead | None:
        """Take note of a check; return the new lead if there is one."""
        standing = self._standing(candidate)
        news = passed and not standing.passed
        standing.passed = passed
        return self._arrived(standing, spent) if news and standing.cost is not None else None

    def costed(self, candidate: Candidate, cost: float, spent: Amounts) -> Lead | None:
        """Take note of a cost estimate; return the new lead if there is one."""
        if candidate.id == self._baseline and not self._asked:
            self._asked, self._baseline_cost = True, cost
        standing = self._standing(candidate)
        if standing.cost is not None and standing.cost <= cost:
            return None
        led = self._leader() is standing
        standing.cost = cost
        lead = self._arrived(standing, spent) if standing.passed else None
        return None if led else lead

    def best(self) -> Candidate | None:
        """Return the cheapest candidate that passed its last check; the earliest of equals."""
        leader = self._leader()
        return None if leader is None else leader.candidate

    @property
    def curve(self) -> tuple[CurvePoint, ...]:
        """The moments at which a better verified candidate was found.

        Empty as long as the baseline's cost is unknown.
        """
        points: list[CurvePoint] = []
        most = 0.0
        for moment in self._moments:
            gain, name = self._gain(moment.cost), moment.candidate.id
            if gain is None or gain <= most or not self._standings[name].passed:
                continue
            most = gain
            if points and points[-1].candidate == name:
                continue  # the same one, estimated anew
            level, spent = moment.candidate.level, moment.spent
            points.append(CurvePoint(candidate=name, level=level, gain=gain, spent=spent))
        return tuple(points)

    def _standing(self, candidate: Candidate) -> _Standing:
        return self._standings.setdefault(candidate.id, _Standing(candidate))

    def _leader(self) -> _Standing | None:
        able = [s for s in self._standings.values() if s.passed and s.cost is not None]
        return min(able, key=lambda s: s.cost or 0.0, default=None)

    def _arrived(self, standing: _Standing, spent: Amounts) -> Lead | None:
        """Note the moment at which all is known of a candidate."""
        cost = standing.cost or 0.0
        self._moments.append(_Moment(standing.candidate, cost, spent))
        if not self._asked:
            self._asked, self._baseline_cost = True, self._ask()
        return Lead(standing.candidate, self._gain(cost)) if self._leader() is standing else None

    def _gain(self, cost: float) -> float | None:
        base = self._baseline_cost
        return base / cost if base is not None and base > 0 and cost > 0 else None
