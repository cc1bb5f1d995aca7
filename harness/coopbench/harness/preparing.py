"""Prepares all trials of a run on all processors: searching, building, verifying, counting.

A winner may bring parts of itself to be judged beside it (see `Part`); they are known only when
the searches have ended, so there are two waves.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from coopbench.harness.errors import InfraError
from coopbench.harness.ledger import Ledger
from coopbench.harness.model import Candidate, Target, Trial
from coopbench.harness.optimizer import Optimizer
from coopbench.harness.pending import Part, Pending, prepare, prepare_part, revive
from coopbench.harness.progress import Progress
from coopbench.harness.referee import Referee
from coopbench.harness.searching import Circumstances
from coopbench.harness.store import Store
from coopbench.harness.store_rows import TrialKey
from coopbench.harness.trial import conclude, control_kind, count, infra_failed

Cell = tuple[Target, TrialKey]


@dataclass(frozen=True)
class Preparation:
    """Prepares the trials of one run."""

    around: Circumstances
    store: Store
    targets: Sequence[Target]
    entrants: Mapping[str, Optimizer]
    referee: Callable[[str, Target], Referee[Any, Any]]
    """Returns the (one) referee of a benchmark on a target."""
    progress: Progress

    def all(self, cells: Iterable[Cell]) -> list[Pending]:
        """Prepare the trials of all cells, and then the parts of the run's winners.

        Trials that need no timing are finished and stored here.

        Returns:
            Those that are to be timed, in the order of the cells, parts last.
        """
        waiting = self._wave((t, k, None) for t, k in cells)
        parts = self._parts(waiting)
        if parts:
            self.progress.grown(len(parts))
        of = {t.name: t for t in self.targets}
        return waiting + self._wave((of[p.key.target], p.key, p) for p in parts)

    def _wave(self, cells: Iterable[tuple[Target, TrialKey, Part | None]]) -> list[Pending]:
        stop = threading.Event()

        def one(target: Target, key: TrialKey, part: Part | None) -> Pending | None:
            return None if stop.is_set() else self._one(target, key, part)

        with ThreadPoolExecutor(max(1, len(os.sched_getaffinity(0))), "prepare") as pool:
            futures = [pool.submit(one, *cell) for cell in cells]
            try:
                found = [future.result() for future in futures]
            finally:
                stop.set()
                for future in futures:
                    future.cancel()
        return [item for item in found if item is not None]

    def _one(self, target: Target, key: TrialKey, part: Part | None) -> Pending | None:
        """Prepare a trial; count at once where time says nothing, as counts mind no company."""
        self.progress.preparing(key)
        started = time.time()
        referee = self.referee(key.benchmark, target)
        try:
            item = self._kept(key, part, referee) or self._made(key, part, referee)
            if isinstance(item, Pending) and target.emulated:
                item = conclude(self.around.run, item, count(item, referee))
            elif isinstance(item, Pending) and item.control is None and item.instructions is None:
                item = replace(item, instructions=referee.cross_check(item.examined))
        except InfraError as e:
            item = infra_failed(self.around.run, key, e, started)
        if isinstance(item, Trial):
            self.store.commit_trial(item)
            self.around.log_of(key).unlink(missing_ok=True)
            self.progress.finished(item)
            return None
        if item.control is None:
            self.store.put_prepared(key.trial_id(self.around.run), item.kept())
            self.around.log_of(key).unlink(missing_ok=True)
        return item

    def _kept(self, key: TrialKey, part: Part | None, referee: Referee[Any, Any]) -> Pending | None:
        """Return what an earlier session of the run prepared, if it still builds the same."""
        trial = key.trial_id(self.around.run)
        kept = self.store.prepared(trial)
        if kept is None:
            return None
        revived = revive(key, kept, referee, self.store.put_blob, part)
        if revived is None:
            self.store.discard_pending(trial)
        return revived

    def _made(
        self, key: TrialKey, part: Part | None, referee: Referee[Any, Any]
    ) -> Pending | Trial:
        if part is not None:
            blob = self.store.get_blob(part.ref.candidate_blob)
            return prepare_part(self.around, part, Candidate.model_validate_json(blob), referee)
        kind = control_kind(key.entrant)
        if kind is not None:
            files = referee.benchmark.files
            return Pending(key, referee.baseline, None, files, Ledger(), time.time(), control=kind)
        return prepare(self.around, key, self.entrants[key.entrant], referee)

    def _parts(self, waiting: Iterable[Pending]) -> list[Part]:
        """Return the parts of all winners, of this session and before, that are not judged yet."""
        run = self.around.run
        winners = [(p.key, p.searched) for p in waiting]
        winners += [(TrialKey.of(t), t) for t in self.store.trials(run, blocks=False)]
        done = self.store.done_keys(run)
        parts = [Part(key, ref) for key, how in winners for ref in how.ablations]
        return [p for p in parts if p.key not in done]
