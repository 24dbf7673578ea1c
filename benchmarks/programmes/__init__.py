"""Benchmarks of the programmes."""
