"""Writes of ``orgs``. ``actor=None`` is the system itself: a command, the demo loader, a data profile."""
