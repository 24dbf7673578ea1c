"""What the area "saved" of the library offers to the others, registered when Django is ready."""


def connect() -> None:
    """Register the area's parts."""
