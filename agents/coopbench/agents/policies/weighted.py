"""Policy `weighted`: the levels get fixed shares of the budget.

By default C gets three parts, LLVM IR and assembly one each, since most of the gain is said to
come from the source level (summaries of arXiv 2604.04238; the division itself is ours).
"""

from dataclasses import dataclass

from coopbench.agents.policies import State, spent_by_level
from coopbench.harness.base import Level
from coopbench.harness.errors import UsageError
from coopbench.harness.ledger import Currency


@dataclass(frozen=True)
class Weighted:
    """Opens the level, or levels, that are furthest behind their share.

    So no level is ever ahead of its share by more than one step's spending.

    Attributes:
        c: Parts of the budget for C.
        ir: Parts for LLVM IR.
        asm: Parts for assembly.
        currency: In what the shares are counted (see `spent_by_level`).
    """

    c: int = 3
    ir: int = 1
    asm: int = 1
    currency: Currency = Currency.TOKENS

    @property
    def name(self) -> str:
        """Its name, shares included."""
        return f"weighted:{self.c},{self.ir},{self.asm}"

    def levels(self, state: State) -> frozenset[Level]:
        """Return the levels on which least was spent in proportion to their share."""
        weights = {Level.C: self.c, Level.IR: self.ir, Level.ASM: self.asm}
        spent = spent_by_level(state.slices, self.currency)
        relative = {
            level: spent[level] / weights[level] for level in state.levels if weights[level]
        }
        least = min(relative.values(), default=0.0)
        return frozenset(level for level, value in relative.items() if value == least)


def make(argument: str) -> Weighted:
    """Return the policy; the argument, if any, is the three parts: `C,IR,ASM`, e.g. `3,1,1`."""
    if not argument:
        return Weighted()
    parts = argument.split(",")
    if len(parts) != len(Level) or not all(p.isascii() and p.isdigit() for p in parts):
        raise UsageError(f"policy 'weighted:{argument}': give three whole numbers, e.g. 3,1,1")
    c, ir, asm = map(int, parts)
    if not c + ir + asm:
        raise UsageError(f"policy 'weighted:{argument}': at least one part must be above 0")
    return Weighted(c, ir, asm)
