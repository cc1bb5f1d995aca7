"""The command line: parses, composes, prints. Each command imports what it needs when it runs."""
