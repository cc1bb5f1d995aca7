"""Statistics of the referee: pure functions from paired log ratios to verdicts and rankings."""
