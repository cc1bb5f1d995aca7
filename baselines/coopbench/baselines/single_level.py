"""Single-level LLM baselines: the cooperative system with the whole budget on one level.

The same agents, prompts, tools, guide and tests as the cooperative entrants, so the comparison
differs in nothing but the levels.
"""

from coopbench.agents.cooperative import Cooperative
from coopbench.harness.base import Level

_WORDS = {Level.C: "C", Level.IR: "LLVM IR", Level.ASM: "assembly"}


def entrants() -> tuple[Cooperative, ...]:
    """Return `llm-c`, `llm-ir` and `llm-asm`."""
    return tuple(
        Cooperative(
            name=f"llm-{level.value}",
            policy=f"single:{level.value}",
            description=f"the cooperative system with its whole budget on {words}",
        )
        for level, words in _WORDS.items()
    )
