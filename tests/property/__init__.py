"""Property tests: random profiles over random data; the engine and tests/reference must give the same figures."""
