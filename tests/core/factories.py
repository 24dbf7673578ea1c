"""Records that core's tests start from."""

from typing import Any

from django.contrib.auth import get_user_model


def make_user(username: str = "an.nguyen", **values: Any) -> Any:
    """Return a saved person named Nguyễn Văn An unless told otherwise."""
    values = {"first_name": "Văn An", "last_name": "Nguyễn", "email": f"{username}@example.vn", **values}
    return get_user_model().objects.create_user(username=username, password="mat-khau-dai-1", **values)
