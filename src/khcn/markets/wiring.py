"""What the market halls offer to the other rooms, registered when Django is ready."""

from khcn.markets.desk_wiring import connect_desk


def connect() -> None:
    """Register the desk, periodic duties, the API, indicators and demo content."""
    connect_desk()
