"""The compiler's constituents as tools of the workbench: lowering, evidence, hot code."""
