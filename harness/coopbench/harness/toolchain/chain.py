"""Runs constituents one after the other and adds up what they cost."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from coopbench.harness.toolchain.step import Artifact, BuildFailure

Stage = Callable[[bytes], Artifact | BuildFailure]


@dataclass(frozen=True)
class Product:
    """What a chain of constituents made."""

    made: tuple[Artifact, ...]
    """Result of every stage, in order."""
    seconds: float
    """Wall seconds spent now."""
    cost_s: float
    """Wall seconds it took when it was made."""

    @property
    def last(self) -> Artifact:
        """The final result."""
        return self.made[-1]


def run_chain(start: bytes, stages: Iterable[Stage]) -> Product | BuildFailure:
    """Give `start` to the first stage and each result to the next; stop at the first failure."""
    made: list[Artifact] = []
    data = start
    seconds = 0.0
    for stage in stages:
        result = stage(data)
        seconds += result.seconds
        if isinstance(result, BuildFailure):
            return replace(result, seconds=seconds)
        made.append(result)
        data = result.read()
    return Product(tuple(made), seconds, sum(artifact.cost_s for artifact in made))


def merge(products: Iterable[Product]) -> Product:
    """Return several products as one."""
    all_of_them = tuple(products)
    return Product(
        tuple(artifact for product in all_of_them for artifact in product.made),
        sum(product.seconds for product in all_of_them),
        sum(product.cost_s for product in all_of_them),
    )
