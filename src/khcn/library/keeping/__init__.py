"""Packing the whole library into bags and unpacking it into an empty installation: tables, rows, bags."""
