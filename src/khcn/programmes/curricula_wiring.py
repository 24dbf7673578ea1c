"""What the area ``curricula`` offers to the other rooms."""


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
