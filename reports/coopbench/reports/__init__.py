"""Pages made from stored results; nothing here runs a program."""
