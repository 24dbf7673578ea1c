"""What the area "oai" of the library offers to the others, registered when Django is ready."""

from datetime import timedelta

from khcn.core.tasks import register_periodic
from khcn.library.exports.oai import OWN_FORMATS, oai_formats
from khcn.library.services.oai import oai_duty, oai_sweep_duty


def connect() -> None:
    """Register the formats, the follower, and its daily look at everything."""
    for one in OWN_FORMATS:
        oai_formats.register(one.prefix, one)
    register_periodic("library.oai", timedelta(seconds=5), oai_duty)
    register_periodic("library.oai_sweep", timedelta(days=1), oai_sweep_duty)
