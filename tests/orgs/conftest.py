"""Every test starts with an empty cache: rate limits and the site's facts live there."""

import pytest


@pytest.fixture
def installation(settings: pytest.FixtureRequest):  # type: ignore[no-untyped-def]  # returns a function
    """Return a function that gives this installation other settings of ``KHCN``."""

    def change(**values: object) -> None:
        settings.KHCN = settings.KHCN.model_copy(update=values)  # type: ignore[attr-defined]

    return change
