"""One trial's search, told from its event log."""
