"""Subcommands of ``khcn training``."""
