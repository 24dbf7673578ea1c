"""What the energy programme registers: the part of setup."""


def connect_setup() -> None:
    """Register this part."""
