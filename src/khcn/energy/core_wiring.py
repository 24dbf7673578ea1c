"""What the energy programme registers: the part of core."""


def connect_core() -> None:
    """Register this part."""
