"""The referee: vocabulary, tool chain, sandbox, verification, measurement and runs."""
