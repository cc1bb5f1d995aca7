"""A thousand random searches: ledgers stay within their caps, sums are exact, every end is named."""

import random

from tests.support.fake_bench import SCAN_ASM, SCAN_C, SCAN_IR, FakeBench, by_chance
from tests.support.search_scripts import Said, act, code, desk_of

from coopbench.agents.backends.model import (
    Answer,
    Attempt,
    CallFailed,
    FailureKind,
    Provenance,
    Request,
    Usage,
)
from coopbench.agents.guide import ModelGuide, RuleGuide
from coopbench.agents.policies import policy
from coopbench.agents.search import Search
from coopbench.agents.tree import Node
from coopbench.harness.base import Level
from coopbench.harness.budget import Reservation
from coopbench.harness.errors import InfraError
from coopbench.harness.ledger import Amounts, Caps, Currency, Purpose
from coopbench.harness.optimizer import Admission, Failed
from coopbench.harness.settings import Settings

TRIALS = 1000
NAMES = ("guided", "uniform", "weighted", "thompson", "single:c", "single:ir", "single:asm")
CAPPED = tuple(c for c in Currency if c.value in Caps.model_fields)
FUNCTION = SCAN_C[SCAN_C.index("uint32_t scan") :]
DEFINE = SCAN_IR[SCAN_IR.index("define") : SCAN_IR.index("attributes")]
BODY = SCAN_ASM[SCAN_ASM.index("scan:") : SCAN_ASM.index(".Lfunc_end0")]


def some_action(chance: random.Random) -> str:
    """Return an action of the guide's; some name candidates or things that do not exist."""
    parent = f"n{chance.randint(0, 4)}"
    return chance.choice(
        (
            act("rewrite", level=chance.choice(list(Level)), parent=parent, attempts=2),
            act("rewrite", level="c", parent="n0", attempts=chance.randint(1, 4)),
            act("lower", parent=parent, to=chance.choice(["ir", "asm"])),
            act("passes", parent=parent, passes=chance.choice(["default<O2>", "nonsense"])),
            act("codegen", parent=parent, options=["-align-loops=32"]),
            act("inspect", parent=parent, what=chance.choice(["remarks", "cost", "hot_blocks"])),
            act("test"),
            act("finish", reason="enough") if chance.random() < 0.2 else act("dance"),
        )
    )


def some_text(chance: random.Random, role: str) -> str:
    """Return what a role might say: often an answer in its format, sometimes nonsense."""
    if chance.random() < 0.2:
        return chance.choice(("", "```c\n", "{", "I cannot.", "```json\n[1]\n```", "\x00\ud800`"))
    number = chance.randint(1, 10**6)
    match role:
        case "guide":
            return some_action(chance)
        case "c":
            return code(FUNCTION.replace("sum = 0;", f"sum = {number} * 0;"))
        case "ir":
            return code(DEFINE.replace("%12", f"%v{number}").replace("%14", f"%w{number}"), "llvm")
        case "asm":
            return code(BODY.replace("incq\t%rcx", f"addq\t${number}, %rcx"), "asm")
        case _:
            return '```json\n{"workloads": [{"note": "x", "scalars": {"n": 1}}, 7]}\n```'


def some_answer(chance: random.Random, request: Request, bench: FakeBench) -> Said:
    """Return an answer or a failure, with any usage and any number of attempts."""
    bench.now += chance.randint(0, 10**9)
    attempts = tuple(Attempt(seconds=0.1) for _ in range(chance.randint(0, 3)))
    if chance.random() < 0.1:
        kind = chance.choice(list(FailureKind))
        billed = chance.random() < 0.5
        return CallFailed(kind=kind, message="no", attempts=attempts, maybe_billed=billed)
    usage = None
    if chance.random() < 0.7:
        usage = Usage(
            input_tokens=chance.randint(0, 5000),
            cache_read_tokens=chance.randint(0, 2000),
            output_tokens=chance.randint(0, 12_000),
        )
    return Answer(
        text=some_text(chance, request.role),
        stop=chance.choice(("end",) * 8 + ("length", "refusal")),
        usage=usage,
        model="",
        provenance=Provenance(kind="script", detail="chance"),
        attempts=attempts,
    )


def some_caps(chance: random.Random) -> Caps:
    """Return caps on some currencies, from nothing at all to plenty."""
    most = {
        Currency.MODEL_CALLS: 40,
        Currency.TOKENS: 300_000,
        Currency.NANO_DOLLARS: 10**9,
        Currency.COMPILE_NS: 10**8,
        Currency.RUN_NS: 10**8,
        Currency.WALL_NS: 4 * 10**10,
        Currency.EVALUATIONS: 20,
    }
    chosen = [c for c in CAPPED if chance.random() < 0.4]
    return Caps.model_validate({c.value: int(most[c] * chance.random() ** 2) for c in chosen})


class Watched:
    """Checks every reservation that is granted, and remembers the largest charges."""

    def __init__(self, bench: FakeBench) -> None:
        self.largest = dict.fromkeys(CAPPED, 0)
        self._budget = bench.budget
        self._reserve, self._settle = bench.budget.reserve, bench.budget.settle
        bench.budget.reserve = self.reserve  # type: ignore[method-assign]
        bench.budget.settle = self.settle  # type: ignore[method-assign]

    def reserve(self, purpose: Purpose, amounts: Amounts) -> Reservation:
        """Reserve; whatever is granted must fit, together with all that was spent."""
        granted = self._reserve(purpose, amounts)
        state = self._budget.snapshot()
        for currency in CAPPED:
            cap = state.caps.of(currency)
            committed = state.spent.of(currency) + state.reserved.of(currency)
            assert cap is None or committed <= cap, f"{currency} was granted beyond its cap"
        return granted

    def settle(self, reservation: Reservation, actual: Amounts) -> None:
        """Settle and remember."""
        self._settle(reservation, actual)
        for currency in CAPPED:
            self.largest[currency] = max(self.largest[currency], actual.of(currency))


def trial(seed: int) -> tuple[FakeBench, Watched, Node | Failed | InfraError]:
    """Run one random search to its end."""
    chance = random.Random(seed)
    levels = [level for level in (Level.IR, Level.ASM) if chance.random() < 0.1]
    bench = FakeBench(
        by_chance(seed),
        caps=some_caps(chance),
        settings=Settings(backend="x", max_tokens=chance.choice((256, 2000, 8000))),
        seed=seed,
        unlowerable=frozenset(levels),
        busy_ns=chance.choice((10**3, 10**6, 10**7)),
    )
    bench.admit = lambda _: Admission(chance.random() < 0.5, "t", "because")
    watched = Watched(bench)
    desk, _ = desk_of(bench, lambda request: some_answer(chance, request, bench))
    guide = ModelGuide(desk) if chance.random() < 0.8 else RuleGuide(desk)
    search = Search(desk, policy(chance.choice(NAMES)), guide, steps=chance.randint(1, 12))
    try:
        return bench, watched, search.run()
    except InfraError as e:
        return bench, watched, e


def check_ledger(bench: FakeBench, watched: Watched) -> None:
    """Caps are exceeded by one settled charge at most, nothing stays reserved, sums are exact."""
    state = bench.spent()
    assert state.reserved == Amounts()
    for currency in Currency:
        if currency is Currency.WALL_NS:
            continue
        parts = sum(s.amounts.of(currency) for s in state.by_purpose)
        assert parts == state.spent.of(currency), currency
        cap = state.caps.of(currency)
        if cap is not None:
            over = state.spent.of(currency) - cap
            most = watched.largest[currency]
            assert over <= most, f"{currency}: {over} over its cap, one action costs {most}"


def test_a_thousand_random_searches() -> None:
    """No cap is exceeded by more than one settled charge, sums match, and every end is named."""
    ends: dict[str, int] = {}
    for seed in range(TRIALS):
        bench, watched, end = trial(seed)
        check_ledger(bench, watched)
        if isinstance(end, Node):
            assert end.verified, "only what passed its tests is handed in"
            assert end.id == "n0" or (end.gain or 0) > 1
            name = "original" if end.id == "n0" else end.level.value
        else:
            name = type(end).__name__ if isinstance(end, InfraError) else end.outcome.value
        ends[name] = ends.get(name, 0) + 1
    assert set(ends) >= {"original", "c", "ir", "asm", "InfraError", "budget_spent"}, ends
