"""What the area "harvest" of the library offers to the others, registered when Django is ready."""


def connect() -> None:
    """Register the area's parts."""
