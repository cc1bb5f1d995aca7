"""Changes to recipes that agents and guide make alike."""

from collections.abc import Iterable

STRICT_FLOATS = "-hints-allow-reordering=false"
"""A loop hint or a forced vector width would otherwise count as leave to reorder float additions."""

_OPTIMIZATION_LEVELS = frozenset({"O0", "O1", "O2", "O3"})


def strict(options: Iterable[str]) -> tuple[str, ...]:
    """Return options of `opt` with the one that keeps float additions in order, each once."""
    return tuple(dict.fromkeys((STRICT_FLOATS, *options)))


def overridden(options: Iterable[str], later: Iterable[str]) -> tuple[str, ...]:
    """Return options with later ones added; a later one takes the place of its namesake."""
    merged = {_option_name(o): o for o in options}
    return tuple((merged | {_option_name(o): o for o in later}).values())


def _option_name(option: str) -> str:
    name = option.lstrip("-").partition("=")[0]
    return "O" if name in _OPTIMIZATION_LEVELS else name
