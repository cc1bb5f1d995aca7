"""What agents and models say to each other: prompts in, one fenced artefact and one JSON block out."""
