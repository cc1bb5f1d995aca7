"""The nouns of the benchmark as frozen, validated types; no input or output happens here.

docs/glossary.md defines each word. Everything that is stored or exported is built from
these types, so their JSON form is the record format (docs/schema.md).
"""

import hashlib
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from coopbench.harness.base import Frozen, Level
from coopbench.harness.ledger import Ledger
from coopbench.harness.testworth import TestWorth

PROTOCOL_VERSION = 1
"""Version of the judging protocol; any change that can alter a verdict raises it."""


class Outcome(StrEnum):
    """How a trial ended; closed list, every trial has exactly one."""

    TOOL_CALL_FAILED = "tool_call_failed"
    BUILD_FAILED = "build_failed"
    REJECTED_BY_SCAN = "rejected_by_scan"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    WRONG_OUTPUT = "wrong_output"
    NO_CHANGE = "no_change"
    SLOWER = "slower"
    WITHIN_NOISE = "within_noise"
    FASTER = "faster"
    BUDGET_SPENT = "budget_spent"
    INFRA_FAILED = "infra_failed"

    @property
    def correct(self) -> bool:
        """Whether the candidate was found to behave as the reference."""
        return self in _CORRECT


_CORRECT = frozenset({Outcome.NO_CHANGE, Outcome.SLOWER, Outcome.WITHIN_NOISE, Outcome.FASTER})


class Decision(StrEnum):
    """Verdict of a measurement about a ratio of costs."""

    FASTER = "faster"
    SLOWER = "slower"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"
    IDENTICAL = "identical"


class Metric(StrEnum):
    """What a measurement counts."""

    CPU_SECONDS = "cpu_seconds"
    INSTRUCTIONS = "instructions"


class Target(Frozen):
    """An architecture with its CPU features and the way programs for it are run here."""

    name: str
    """Name used on the command line, e.g. `x86-64-v2` or `armv8-a`."""
    arch: Literal["x86_64", "aarch64"]
    march: str
    """Value of clang's and gcc's `-march`; `native` means the host CPU."""
    emulated: bool
    """True if the host cannot run it itself; then instructions are counted, never time."""

    @property
    def metric(self) -> Metric:
        """The metric that decides on this target."""
        return Metric.INSTRUCTIONS if self.emulated else Metric.CPU_SECONDS

    @property
    def triple(self) -> str:
        """Target triple; every candidate is linked statically against musl."""
        return f"{self.arch}-linux-musl"


class Recipe(Frozen):
    """What still has to be done to a candidate's text to reach an object file.

    At level C the front end runs with `frontend`; if `passes` is given it only lowers to
    unoptimized IR, `opt` runs the pipeline and `llc` the code generation. At level IR,
    `passes` (may be None: none) and `codegen` apply. At level assembly nothing is left but
    to assemble.
    """

    compiler: str = "pinned"
    """Compiler id: `pinned`, or a discovered one such as `clang-19` or `gcc-12`."""
    frontend: tuple[str, ...] = ("-O3",)
    """Flags for the front end (level C). `-ffp-contract=off` is always prepended."""
    passes: str | None = None
    """`opt -passes=` pipeline, e.g. `default<O3>`."""
    pass_options: tuple[str, ...] = ()
    """Further `opt` options, e.g. `-inline-threshold=500`."""
    codegen: tuple[str, ...] = ("-O3",)
    """`llc` options; used when `passes` is given or the level is IR."""
    lto: bool = False
    """Merge all sources with `llvm-link` and optimize the whole (`lto<O3>`)."""
    profile: str | None = None
    """SHA-256 of an `.profdata` blob for profile-guided optimization."""
    march: str | None = None
    """Overrides the target's `-march`, e.g. `native` for an entrant that tunes for the host."""


class Candidate(Frozen):
    """A version of a benchmark's rewritable sources at one level, and how to build it.

    `files` maps file name to text. A kernel has one file (`kernel.c`, `kernel.ll` or
    `kernel.s`); a program may have several at level C.
    """

    benchmark: str
    level: Level
    files: dict[str, str]
    recipe: Recipe = Recipe()
    parent: str | None = None
    """Id of the candidate this one was derived from."""
    made_by: str
    """Entrant (and step) that made it."""
    note: str = ""
    """Claimed transformation, free text for people."""

    @property
    def id(self) -> str:
        """Content hash (SHA-256, 16 hex digits) of level, files and recipe."""
        payload = self.model_dump_json(include={"benchmark", "level", "files", "recipe"})
        return hashlib.sha256(payload.encode()).hexdigest()[:16]


class Tool(Frozen):
    """Fingerprint of one tool."""

    name: str
    version: str
    sha256: str
    """Hash of the executable file; never its path."""


class Toolchain(Frozen):
    """Fingerprint of everything that turned sources into an executable."""

    id: str
    """`pinned`, `clang-19`, `gcc-12`…"""
    tools: tuple[Tool, ...]


class Rung(StrEnum):
    """A step of the evidence ladder, cheapest first."""

    BUILD = "build"
    SCAN = "scan"
    VISIBLE = "visible"
    HIDDEN = "hidden"
    EDGE = "edge"
    TIMED = "timed"


class Evidence(Frozen):
    """What one rung tried and found."""

    rung: Rung
    passed: bool
    tried: int
    """Number of inputs, symbols or launches checked."""
    seconds: float
    """Wall seconds spent on the rung."""
    detail: str
    """One line for people: what was tried."""


class Counterexample(Frozen):
    """An input on which the candidate and the reference differ."""

    rung: Rung
    workload: str
    """Description that regenerates the input: kind, size and seed, or the edge's name."""
    where: str
    """First differing element or byte, e.g. `out[17]` or `stdout byte 120`."""
    expected: str
    got: str


class Verdict(Frozen):
    """Result of verification: is it the same program?"""

    outcome: Outcome | None
    """None if every rung passed, else the failing outcome."""
    reason: str
    """One line: why it failed, or what it survived."""
    evidence: tuple[Evidence, ...]
    counterexample: Counterexample | None = None

    @property
    def passed(self) -> bool:
        """True if the candidate survived every rung."""
        return self.outcome is None


class Interval(Frozen):
    """A two-sided interval at a stated confidence."""

    low: float
    high: float
    confidence: float


class Launch(Frozen):
    """One launch of one subject: the raw datum everything else is computed from."""

    arm: Literal["baseline", "candidate"]
    value: float
    """In the metric's unit (CPU seconds or instructions), for the whole window."""
    wall_s: float | None = None
    setup_cpu_s: float | None = None
    """CPU seconds before ready."""
    teardown_cpu_s: float | None = None
    """CPU seconds after done."""
    max_rss_kib: int | None = None
    minor_faults: int | None = None
    major_faults: int | None = None
    voluntary_switches: int | None = None
    involuntary_switches: int | None = None
    steal_ticks: int | None = None
    """Clock ticks stolen by the hypervisor from the measuring CPU during the window."""
    layout_seed: int | None = None
    env_bytes: int | None = None
    exe_sha256: str | None = None


class Block(Frozen):
    """A pair of fresh launches on the same secret input, in random order."""

    index: int
    first: Literal["baseline", "candidate"]
    """Outcome of the coin."""
    input_seed: int
    launches: tuple[Launch, Launch]
    """Baseline, candidate (whatever the order in time)."""
    outputs_agree: bool
    started_at: float
    """Unix time."""


class Measurement(Frozen):
    """How a candidate's cost compares with the baseline's."""

    metric: Metric
    decision: Decision
    speedup: float | None
    """Point estimate of cost(baseline) / cost(candidate); None if not measured."""
    interval: Interval | None
    """Anytime-valid confidence sequence of the speedup at the stop."""
    layout_interval: Interval | None = None
    """Student t interval over layout blocks; must agree before a claim is printed."""
    p_value: float | None = None
    """Anytime-valid p for `no difference`."""
    mde: float | None = None
    """Minimum detectable effect (relative, 80 % power) at this noise and this many blocks."""
    noise: float | None = None
    """Robust standard deviation of the per-pair log ratio."""
    blocks: tuple[Block, ...] = ()
    reps: int = 1
    """Calls per launch, each on another input."""
    stop: str = ""
    """Why sampling ended: precise, equivalent, max_blocks, identical, exact, wrong_output."""
    instructions: float | None = None
    """Candidate's instructions per call, by the counting plugin (a cross-check on native)."""
    baseline_instructions: float | None = None
    note: str = ""


class AblationRef(Frozen):
    """A further candidate that is judged beside a winner: the winner without one level's edits."""

    level: Level
    """The level whose edits are left out."""
    candidate_blob: str
    """Blob with the candidate's JSON."""
    with_dependants: bool = False
    """True if edits of later levels had to go as well, because they were made on top of those."""


class Searched(Frozen):
    """How a candidate was found; part of the records that follow."""

    trajectory_blob: str | None = None
    """Blob with the event log (JSON lines); None if the entrant does not search."""
    sources: dict[str, int] = Field(default_factory=dict)
    """Where models' answers came from, and how many each."""
    mishaps: dict[str, int] = Field(default_factory=dict)
    """Malformed answers, failed calls and refused actions, by name."""
    ablations: tuple[AblationRef, ...] = ()
    test_worth: TestWorth | None = None
    """What the trial's proposed tests are worth; None if none was proposed."""


class Prepared(Searched):
    """A verified candidate that waits for its measurement; kept so that a killed run can go on."""

    candidate: Candidate
    verdict: Verdict
    exe_sha256: str
    ledger: Ledger
    instructions: tuple[float, float] | None = None
    """Baseline's and candidate's instructions per call, as a cross-check."""
    started_at: float


class Trial(Searched):
    """Entrant x benchmark x target x repetition, with its one outcome."""

    id: str
    run: str
    entrant: str
    benchmark: str
    target: str
    repetition: Annotated[int, Field(ge=0, lt=1 << 31)]
    outcome: Outcome
    reason: str
    candidate: str | None = None
    """Candidate id; its JSON is in the blob store under the same id."""
    candidate_blob: str | None = None
    exe_sha256: str | None = None
    """Hash of the executable in canonical layout."""
    toolchain: str | None = None
    verdict: Verdict | None = None
    measurement: Measurement | None = None
    ledger: Ledger = Ledger()
    gain_class: (
        Literal["local", "layout", "algorithmic", "relaxed_float", "instruction_set"] | None
    ) = None
    control: Literal["aa", "planted"] | None = None
    """Set on control trials, which are no entrant's."""
    ablation: Level | None = None
    """Set on ablation trials: the level whose edits the candidate goes without; never ranked."""
    ablation_of: str | None = None
    """Id of the trial whose winner this is a part of."""
    with_dependants: bool = False
    """On an ablation trial: edits of later levels had to go too (see `AblationRef`)."""
    started_at: float
    finished_at: float
