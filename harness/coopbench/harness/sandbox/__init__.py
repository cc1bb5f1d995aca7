"""The one door to execution: every subject runs behind bubblewrap, limits and a system-call filter."""
