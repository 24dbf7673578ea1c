"""Deeds of ``khcn plan``: a module here with a ``DEED`` is a subcommand."""
