"""A place as people copy it from a map."""

import re
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

_PLACE: Final = re.compile(
    r"^\(?\s*(-?\d{1,3}(?:[.,]\d+)?)\s*°?\s*[,;\s]\s*(-?\d{1,3}(?:[.,]\d+)?)\s*°?\s*\)?$"
)


class PlaceError(ValueError):
    """Not a latitude and a longitude; the message is for people."""


def read_place(text: str) -> tuple[Decimal, Decimal]:
    """Read "10.7551, 106.6672" or "10,7551; 106,6672". Raises PlaceError."""
    match = _PLACE.match(text.strip())
    if match is None:
        raise PlaceError(_("Hãy chép tọa độ từ bản đồ, dạng 10.7551, 106.6672 (vĩ độ trước)."))
    latitude, longitude = (Decimal(part.replace(",", ".")) for part in match.groups())
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise PlaceError(_("Vĩ độ phải từ -90 đến 90, kinh độ từ -180 đến 180. Ghi vĩ độ trước."))
    return round(latitude, 5), round(longitude, 5)
