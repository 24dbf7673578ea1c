"""What the market halls offer to the desk."""


def connect_desk() -> None:
    """Register the menu entries of the desk."""
