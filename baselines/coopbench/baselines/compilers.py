"""Compiler entrants: the unchanged sources under fixed recipes, described as data."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from coopbench.harness.model import Candidate, Outcome, Recipe
from coopbench.harness.optimizer import BuildFailed, CompilerInfo, Failed, Surroundings, Workbench

Pick = Callable[[Surroundings], CompilerInfo | None]


@dataclass(frozen=True)
class CompilerEntrant:
    """One compiler with one recipe."""

    name: str
    description: str
    pick: Pick
    """Chooses the compiler among those present."""
    recipe: Recipe
    """`compiler` is filled in with the chosen one."""
    remedy: str = ""
    """How to get the compiler or feature, if it is missing."""
    profiled: bool = False
    version: str = "1"
    kind: Literal["compiler"] = "compiler"

    def available(self, surroundings: Surroundings) -> str | None:
        """Say which compiler or feature is missing, or that the host's CPU is not the target's."""
        if self.recipe.march == "native" and surroundings.target.emulated:
            return (
                f"{surroundings.target.arch} is emulated here, so there is no host CPU to tune for"
            )
        if self.profiled and surroundings.target.emulated:
            return "profiles are trained natively, and this target is emulated here"
        if self.pick(surroundings) is None:
            return f"no fitting compiler for {surroundings.target.arch} found; {self.remedy}"
        return None

    def optimize(self, workbench: Workbench) -> Candidate | Failed:
        """Return the original under this entrant's recipe."""
        compiler = self.pick(workbench.surroundings)
        if compiler is None:
            return Failed(Outcome.TOOL_CALL_FAILED, "the compiler has disappeared")
        recipe = self.recipe.model_copy(update={"compiler": compiler.id})
        if self.profiled:
            profile = workbench.profile(recipe)
            if isinstance(profile, BuildFailed):
                return Failed(
                    Outcome.BUILD_FAILED, f"profiling: {profile.step}: {profile.diagnostics}"
                )
            recipe = recipe.model_copy(update={"profile": profile})
        return workbench.benchmark.original(recipe, self.name)


def pinned(surroundings: Surroundings) -> CompilerInfo | None:
    """Return the pinned LLVM."""
    return next((c for c in surroundings.compilers if c.id == "pinned"), None)


def newest(family: str, feature: str | None = None) -> Pick:
    """Return a chooser of the newest system compiler of a family that has a feature."""

    def pick(surroundings: Surroundings) -> CompilerInfo | None:
        fitting = [
            c
            for c in surroundings.compilers
            if c.family == family
            and c.id != "pinned"
            and (feature is None or feature in c.features)
        ]
        return max(
            fitting, key=lambda c: [int(n) for n in re.findall(r"\d+", c.version)], default=None
        )

    return pick


_CLANG = (
    "install one, e.g. apt-get install clang-19 llvm-19 lld-19 libclang-rt-19-dev libpolly-19-dev"
)
_GCC = "install one: apt-get install gcc, or gcc-aarch64-linux-gnu for AArch64 on another host"
_POLLY = ("-O3", "-mllvm", "-polly")


def entrants() -> tuple[CompilerEntrant, ...]:
    """Return all compiler entrants; those whose compiler is missing say so."""
    levels = ("O0", "O1", "O2", "O3", "Os")
    plain = tuple(
        CompilerEntrant(f"clang-{o}", f"pinned clang -{o}", pinned, Recipe(frontend=(f"-{o}",)))
        for o in levels
    )
    gcc = newest("gcc")
    return (
        *plain,
        CompilerEntrant(
            "clang-O3-host", "pinned clang -O3 for the host CPU", pinned, Recipe(march="native")
        ),
        CompilerEntrant(
            "clang-O3-fast-math",
            "pinned clang -O3 -ffast-math; wrong wherever the contract is strict",
            pinned,
            Recipe(frontend=("-O3", "-ffast-math")),
        ),
        CompilerEntrant(
            "clang-O3-lto", "pinned clang -O3, whole program at link time", pinned, Recipe(lto=True)
        ),
        CompilerEntrant(
            "system-clang-O3-pgo",
            "newest system clang -O3, trained on visible inputs",
            newest("clang", "pgo"),
            Recipe(),
            _CLANG,
            profiled=True,
        ),
        CompilerEntrant(
            "system-clang-O3-polly",
            "newest system clang -O3 with Polly",
            newest("clang", "polly"),
            Recipe(frontend=_POLLY),
            _CLANG,
        ),
        CompilerEntrant("gcc-O2", "newest gcc -O2", gcc, Recipe(frontend=("-O2",)), _GCC),
        CompilerEntrant("gcc-O3", "newest gcc -O3", gcc, Recipe(), _GCC),
        CompilerEntrant(
            "gcc-O3-host", "newest gcc -O3 for the host CPU", gcc, Recipe(march="native"), _GCC
        ),
    )
