"""The report as files for people and programs: Markdown, CSV, JSON."""
