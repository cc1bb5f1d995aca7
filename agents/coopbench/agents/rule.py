"""A rule that guides a search without a model: for comparison, and where the guide fails."""

from dataclasses import dataclass, field

from coopbench.agents.actions import (
    Action,
    Codegen,
    Finish,
    MoreTests,
    Passes,
    Rewrite,
    refusal,
)
from coopbench.agents.tree import Tree
from coopbench.harness.base import Level

WORTH = 1.01
"""A round must raise the best gain by this factor, which noise seldom does, to be repeated."""

_C_HINTS = (
    "Do less work: a better algorithm, table or early exit that gives the same results.",
    "Let the compiler vectorize: independent accumulators, countable loops, no branches inside.",
    "Access memory in order: interchange or tile loops, keep values in registers.",
    "Hoist what does not change, unroll by hand, replace divisions and unpredictable branches.",
)
_IR_HINTS = (
    "Replace idioms by intrinsics, e.g. llvm.ctpop, llvm.fshl, llvm.umin, llvm.memset.",
    "Remove redundant loads, extensions and branches that the passes left in the hot loop.",
)
_ASM_HINTS = (
    "Shorten the dependence chain and the instruction count of the hottest loop.",
    "Use better instructions of the target for the hot block; unroll and schedule it.",
)
_PIPELINES = (
    "default<O3>,function(loop-mssa(licm,simple-loop-unswitch<nontrivial>)),default<O2>",
    "default<O2>,function(loop-vectorize,slp-vectorizer,instcombine,simplifycfg)",
    "default<O1>,function(loop-vectorize,slp-vectorizer,loop-unroll,instcombine,simplifycfg)",
)
_CODEGEN = (("-enable-misched=false",), ("-align-loops=32",))

_UP_TO: dict[Level, tuple[Level, ...]] = {
    Level.C: (Level.C,),
    Level.IR: (Level.C, Level.IR),
    Level.ASM: (Level.C, Level.IR, Level.ASM),
}
_ATTEMPTS = 2


@dataclass
class Rule:
    """Goes round the open levels; each has a list of things to try on the best candidate so far.

    A level whose whole list brought nothing is left alone. Deterministic.
    """

    tree: Tree
    tested: bool = False
    _next: dict[Level, int] = field(default_factory=lambda: dict.fromkeys(Level, 0))
    _best: dict[Level, float] = field(default_factory=lambda: dict.fromkeys(Level, 1.0))

    def action(self, open_levels: frozenset[Level]) -> Action:
        """Return what to do next on one of the open levels."""
        if not self.tested and self._improved():
            self.tested = True
            return MoreTests(hint="sizes and values at which a faster version may go wrong")
        for level in sorted(open_levels, key=lambda x: (self._next[x], list(Level).index(x))):
            action = self._at(level, open_levels)
            if action is not None:
                return action
        return Finish(reason="everything on the rule's list was tried")

    def _at(self, level: Level, open_levels: frozenset[Level]) -> Action | None:
        """Return the level's next action that can be done, None if its list is at its end."""
        for _ in range(_LENGTH[level]):
            number = self._next[level]
            if number and number % _LENGTH[level] == 0 and not self._worth_another(level):
                return None
            self._next[level] += 1
            action = self._beat(level, number % _LENGTH[level])
            if refusal(action, self.tree, open_levels) is None:
                return action
        return None

    def _beat(self, level: Level, beat: int) -> Action:
        if level is Level.C:
            return Rewrite(
                level=level, parent=self._parent(level), hint=_C_HINTS[beat], attempts=_ATTEMPTS
            )
        rewrite, other = beat % 2 == 0, beat // 2
        if rewrite:
            hint = (_IR_HINTS if level is Level.IR else _ASM_HINTS)[other % 2]
            return Rewrite(level=level, parent=self._parent(level), hint=hint, attempts=_ATTEMPTS)
        if level is Level.IR:
            return Passes(parent=self._parent(Level.IR), passes=_PIPELINES[other])
        return Codegen(parent=self._parent(Level.IR), options=_CODEGEN[other])

    def _parent(self, level: Level) -> str:
        """Return the best candidate that the level can work on."""
        return (self.tree.best(*_UP_TO[level]) or self.tree.root).id

    def _improved(self) -> bool:
        best = self.tree.best()
        return best is not None and best.id != self.tree.root.id

    def _worth_another(self, level: Level) -> bool:
        best = self.tree.best()
        gain = best.gain if best and best.gain else 1.0
        if gain < self._best[level] * WORTH:
            return False
        self._best[level] = gain
        return True


_LENGTH = {Level.C: len(_C_HINTS), Level.IR: 2 * len(_PIPELINES), Level.ASM: 2 * len(_CODEGEN)}
