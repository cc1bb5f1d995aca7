"""The record of a run: what was planned, on what machine, with which tools and secret."""

from typing import Literal

from coopbench.harness.base import Frozen, Level
from coopbench.harness.contract import FloatPolicy
from coopbench.harness.ledger import NANO, Caps
from coopbench.harness.model import Target, Toolchain
from coopbench.harness.settings import Settings

DEFAULT_CAPS = Caps(
    model_calls=40,
    tokens=400_000,
    nano_dollars=NANO // 4,
    compile_ns=300 * NANO,
    run_ns=300 * NANO,
    wall_ns=1800 * NANO,
    evaluations=50,
)

FORMAT_VERSION = 2
"""Version of the stored format. History: 1 = first; 2 = whole budgets, models, trajectories."""


class Machine(Frozen):
    """Conditions of the measuring machine; `None` means the machine does not tell."""

    arch: str
    cpu_model: str | None
    logical_cpus: int
    kernel: str
    hypervisor: bool | None
    governor: str | None
    turbo: bool | None
    smt: bool | None
    aslr: int | None
    memory_bytes: int
    load_1min: float | None
    pmu: bool
    """Whether hardware instruction counters can be read."""
    fingerprint: str
    """Hash over stable facts only; times of different fingerprints are never compared."""
    warnings: tuple[str, ...] = ()
    """What disturbs measuring here, each with its remedy."""


class BenchmarkRecord(Frozen):
    """What a report needs to know of a benchmark."""

    name: str
    kind: Literal["kernel", "program"]
    title: str
    group: Literal["core", "traps", "controls"]
    why: str
    room: tuple[Level, ...]
    float_policy: FloatPolicy | None
    digest: str


class HotSpot(Frozen):
    """A stretch of straight-line code and its share of the work."""

    function: str
    """`other` for all that is not the benchmark's own: the C library, and a kernel's driver."""
    instructions: int
    """Length."""
    share: float
    """Share of all retired instructions, 0 to 1."""


class Profile(Frozen):
    """Where the reference spends its instructions on a visible input of the reference size."""

    benchmark: str
    target: str
    instructions: int
    """Retired in one call or run."""
    hottest: tuple[HotSpot, ...]
    """The hottest basic blocks, in order."""


class EntrantRecord(Frozen):
    """An entrant as it took part."""

    name: str
    version: str
    kind: Literal["null", "compiler", "autotuner", "llm", "external", "ceiling"]
    description: str


class Unavailable(Frozen):
    """Something the plan asked for that this machine cannot do."""

    what: str
    why: str
    remedy: str


class Plan(Frozen):
    """What a run is to do; frozen when the run is created."""

    suite: str
    benchmarks: tuple[str, ...]
    entrants: tuple[str, ...]
    targets: tuple[Target, ...]
    repetitions: int = 1
    alpha: float = 0.05
    """Family-wise error rate of the report's claims."""
    margin: float = 0.01
    """Equivalence margin on the relative scale."""
    max_blocks: int = 60
    min_blocks: int = 10
    precision: float = 0.01
    """Sampling stops when the interval's half-width (log scale) is at most this, or a tenth of
    the effect."""
    caps: Caps = DEFAULT_CAPS
    """What every entrant may spend per trial: the same for all, so that budgets are equal."""
    settings: Settings = Settings()
    """How entrants reach a model."""
    unsafe_no_sandbox: bool = False
    controls: int = 5
    """A/A control measurements per timed target; as many planted-effect ones."""


class RunRecord(Frozen):
    """Manifest of a run."""

    id: str
    format_version: int = FORMAT_VERSION
    protocol_version: int
    program_version: str
    created_at: float
    finished_at: float | None = None
    status: Literal["running", "finished", "interrupted"] = "running"
    plan: Plan
    machine: Machine
    toolchains: tuple[Toolchain, ...]
    sandbox: str
    """Description of the sandbox in force, e.g. `bubblewrap 0.11.0 + seccomp + rlimits`."""
    benchmarks: tuple[BenchmarkRecord, ...]
    entrants: tuple[EntrantRecord, ...]
    unavailable: tuple[Unavailable, ...] = ()
    profiles: tuple[Profile, ...] = ()
    """By benchmark and target, made when the trials were done; none where nothing counts."""
    secret_sha256: str
    """Commitment to the hidden tests' secret, published at the start."""
    secret: str | None = None
    """The secret itself, revealed when the run ends."""
    command: tuple[str, ...] = ()
