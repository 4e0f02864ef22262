"""Measures the endpoint side by side with others: ``python -m benchmarks`` (see README.md)."""
