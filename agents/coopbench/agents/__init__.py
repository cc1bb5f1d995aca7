"""The cooperative compiler-LLM system."""
