"""The words of a report, explained where they are used."""

from coopbench.harness.model import Outcome
from coopbench.reports.claims import Mark

MARKS: tuple[tuple[Mark, str], ...] = (
    (
        Mark.FASTER,
        (
            "Costs less than the reference, and the report claims it: significant after Holm's"
            " correction over all timed comparisons, with healthy controls. On emulated targets:"
            " fewer instructions, an exact count."
        ),
    ),
    (Mark.SLOWER, "Costs more, claimed under the same conditions."),
    (
        Mark.EQUIVALENT,
        (
            "The whole interval lies within the equivalence margin: whatever difference there is"
            " does not matter. On emulated targets: the same count."
        ),
    ),
    (
        Mark.INCONCLUSIVE,
        (
            "Neither a difference nor equivalence could be shown. The minimum detectable effect"
            " beside it says how large a difference would probably have been found."
        ),
    ),
    (
        Mark.UNCLAIMED,
        (
            "The measurement by itself found a difference, but the report does not claim it: not"
            " significant among so many comparisons, or the controls failed."
        ),
    ),
    (
        Mark.IDENTICAL,
        (
            "The same executable as the reference's, bit for bit in canonical layout. Not timed;"
            " the ratio is 1."
        ),
    ),
    (Mark.FAILED, "No verified candidate; the outcome says why. Counts as ratio 1 in the score."),
    (Mark.MISSING, "Planned, and not made. Nothing is assumed about it."),
)
"""Verdicts in the order of the legend."""

OUTCOMES: tuple[tuple[Outcome, str], ...] = (
    (Outcome.TOOL_CALL_FAILED, "The entrant misused its tools and produced no candidate."),
    (Outcome.BUILD_FAILED, "The candidate does not compile, assemble or link."),
    (
        Outcome.REJECTED_BY_SCAN,
        (
            "The object holds what a candidate must not have: foreign imports,"
            " system calls or clock instructions."
        ),
    ),
    (Outcome.CRASHED, "It died on an input that the contract allows."),
    (Outcome.TIMED_OUT, "It did not finish in time."),
    (
        Outcome.WRONG_OUTPUT,
        (
            "Its output differs from the reference's on an input that the contract"
            " allows; the counterexample says where."
        ),
    ),
    (Outcome.BUDGET_SPENT, "The budget ran out before a candidate was verified."),
    (Outcome.INFRA_FAILED, "The machine failed, not the candidate."),
)
"""The ways to fail."""

TERMS: tuple[tuple[str, str], ...] = (
    (
        "Speedup",
        (
            "Cost of the reference divided by cost of the candidate: 2 is twice as fast, 0.5 half as"
            " fast. The reference is clang -O3 of the pinned LLVM for the same CPU features."
        ),
    ),
    (
        "Score",
        (
            "Geometric mean of an entrant's speedups over all benchmarks; a failure counts as 1,"
            " because its user falls back to the reference. The second score leaves failures out."
        ),
    ),
    (
        "This suite",
        (
            "Interval of the score if these very benchmarks were measured again: the noise of"
            " measuring, nothing else."
        ),
    ),
    (
        "Programs like these",
        "Interval of the score on other programs drawn as these were: always wider.",
    ),
    (
        "Tier, rank",
        (
            "Entrants of a tier cannot be told apart from its best (sign-flip tests over benchmarks,"
            " Holm over all pairs). The rank interval is what resampled benchmarks support."
        ),
    ),
    (
        "Interval of a speedup",
        (
            "Anytime-valid confidence sequence at the moment sampling stopped; valid although the"
            " data were looked at after every pair."
        ),
    ),
    (
        "p after Holm",
        (
            "Anytime-valid p-value of no difference, adjusted so that the probability of even one"
            " false claim in the report is at most alpha."
        ),
    ),
    (
        "Smallest visible",
        (
            "Minimum detectable effect: the smallest difference that this measurement would have found"
            " with 80 % probability, given its noise and number of pairs."
        ),
    ),
    ("Noise", "Robust standard deviation of the log ratio of one pair."),
    (
        "Pair",
        (
            "Two fresh launches, reference and candidate, on the same secret input, in random order and"
            " in a fresh memory layout."
        ),
    ),
    (
        "Best compiler only",
        (
            "The best of the compiler and autotuner entrants on that program. The best of many is"
            " flattered by noise; read it with its verdict."
        ),
    ),
    (
        "A/A and planted effect",
        (
            "Controls in every run. An A/A pair is the same program twice: a difference found there is"
            " false. A planted effect is a known slowdown: it must be found."
        ),
    ),
)
"""Everything else that the tables name."""

HEADROOM_TERMS: tuple[tuple[str, str], ...] = (
    (
        "Ceiling, headroom",
        (
            "A ceiling is what an expert version reached, judged in the same run like any candidate;"
            " it is never ranked. A speedup s under a ceiling c took the share log s / log c of the"
            " headroom; over several benchmarks, of the summed logarithms. Above 100 % the expert"
            " was beaten."
        ),
    ),
)
"""Further terms of runs in which expert versions were judged."""

SEARCH_TERMS: tuple[tuple[str, str], ...] = (
    (
        "Equal budget",
        (
            "Every trial of every entrant that uses a model had the same caps on calls, tokens,"
            " money, compiling, running, wall time and evaluations; read from the trials' ledgers."
        ),
    ),
    (
        "Replayed",
        (
            "Answers that came from a tape of an earlier recording: the model was not asked in"
            " this run. What it led to was built, verified and measured anew."
        ),
    ),
    (
        "Best verified gain",
        (
            "Cost of the original over cost of the best candidate so far that passed the visible"
            " tests, as the search estimated it; never a result."
        ),
    ),
    (
        "What a level gives",
        (
            "The winner's speedup divided by that of the winner without this level's edits, both"
            " measured by the referee. Winners that edit one level only are not taken apart: all"
            " of their gain is that level's."
        ),
    ),
    (
        "Wrong mutant",
        (
            "A small change of the reference that the whole evidence ladder rejects; it shows what"
            " a set of tests finds."
        ),
    ),
    (
        "Trajectory",
        "The log of a search: every request, answer, candidate, build, check and cost, in order.",
    ),
)
"""Further terms of runs in which models were asked."""
