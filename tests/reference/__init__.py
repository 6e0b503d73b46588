"""The reference evaluator: the meaning of the design's semantics in plain Python, naive and clear.

The engine is held to what this package computes (tests/property, tests/differential). It uses only the standard library
and PyYAML, runs over small data, and prefers the obvious way over the fast one. README.md lists what was decided.
"""
