"""What the market halls offer to the other rooms, registered when Django is ready."""


def connect() -> None:
    """Register the desk, periodic duties, the API, indicators and demo content."""
