"""What a plan asked for and a machine lacks, put together for people: a reason is told once."""

from collections.abc import Iterable, Sequence

from coopbench.harness.record import Unavailable


def grouped(absences: Iterable[Unavailable], targets: Sequence[str]) -> tuple[Unavailable, ...]:
    """Join records that differ only in what or in the target they speak of.

    `a on x`, `a on y`, `b on x` and `b on y` for one reason become `a and b on x and y`. The
    order is that of the first of each group.

    Args:
        absences: One record for each thing and target.
        targets: Names of the run's targets.
    """
    where: dict[tuple[str, str, str, bool], dict[str, None]] = {}
    for a in absences:
        subject, target = _split(a.what, targets)
        where.setdefault((subject, a.why, a.remedy, bool(target)), {})[target] = None
    who: dict[tuple[tuple[str, ...], str, str], list[str]] = {}
    for (subject, why, remedy, _), places in where.items():
        who.setdefault((tuple(places), why, remedy), []).append(subject)
    return tuple(
        Unavailable(what=_joined(subjects, places), why=why, remedy=remedy)
        for (places, why, remedy), subjects in who.items()
    )


def _split(what: str, targets: Sequence[str]) -> tuple[str, str]:
    """Return subject and target; the target is empty if the text names none at its end."""
    for target in targets:
        if what.endswith(f" on {target}"):
            return what.removesuffix(f" on {target}"), target
    return what, ""


def _joined(subjects: Sequence[str], places: Sequence[str]) -> str:
    return _and(subjects) + (f" on {_and(places)}" if any(places) else "")


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
