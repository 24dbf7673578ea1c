"""What the energy programme registers: the part of desk."""


def connect_desk() -> None:
    """Register this part."""
