"""Subcommands of ``khcn contests``."""
