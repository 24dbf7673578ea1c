"""Deeds of ``khcn library``: a module here with a ``DEED`` is a subcommand."""
