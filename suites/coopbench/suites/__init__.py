"""Programs and what `the same` means for each."""
