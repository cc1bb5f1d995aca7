"""From a candidate's text to an executable: compilers, constituents, runtime, links, caching."""
