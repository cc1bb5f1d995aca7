"""What a machine lacks is told once for each reason."""

from coopbench.harness.absences import grouped
from coopbench.harness.record import Unavailable

TARGETS = ("x86-64-v2", "armv8-a")


def lacking(what: str, why: str = "no backend", remedy: str = "see docs") -> Unavailable:
    return Unavailable(what=what, why=why, remedy=remedy)


def test_one_reason_on_several_targets_is_one_line() -> None:
    """Entrants and targets are listed; the reason stands once."""
    found = grouped([lacking(f"{e} on {t}") for t in TARGETS for e in ("a", "b")], TARGETS)
    assert found == (lacking("a and b on x86-64-v2 and armv8-a"),)


def test_other_reasons_remedies_and_targets_stay_apart() -> None:
    """Nothing is said of a pair that was not recorded."""
    absences = [
        lacking("a on x86-64-v2"),
        lacking("b on armv8-a"),
        lacking("c on armv8-a", why="no emulator"),
        lacking("d on armv8-a", remedy="other"),
    ]
    assert grouped(absences, TARGETS) == tuple(absences)


def test_what_names_no_target_is_kept_as_it_is() -> None:
    """A whole target may be missing, and names may hold ` on `."""
    absences = [lacking("target riscv64"), lacking("hands on keyboard"), lacking("a")]
    assert grouped(absences, TARGETS)[0].what == "target riscv64, hands on keyboard and a"
    both = [lacking("a"), lacking("a on armv8-a")]
    assert grouped(both, TARGETS) == tuple(both)


def test_nothing_is_lost() -> None:
    """Every thing that is lacking is named in some line."""
    absences = [lacking(f"e{i % 7} on {TARGETS[i % 2]}", why=f"w{i % 3}") for i in range(42)]
    lines = [u.what for u in grouped(absences, TARGETS)]
    assert all(any(f"e{i}" in line for line in lines) for i in range(7))
