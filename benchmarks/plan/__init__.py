"""Benchmarks of the plan."""
