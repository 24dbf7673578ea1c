"""Every sentence that counting says to a person: the tables of the rooms below, put together.

Engines know no gettext: a caller with a request translates ``TEMPLATES[code]`` and fills it with the same parameters.
"""

from collections.abc import Mapping
from typing import Any, Final

from khcn.engines.vision.detect.messages import MODELS
from khcn.engines.vision.measure.messages import LAYOUTS
from khcn.engines.vision.sources.messages import SOURCES

TEMPLATES: Final[dict[str, str]] = {**MODELS, **LAYOUTS, **SOURCES}


def sentence(code: str, params: Mapping[str, Any] | None = None) -> str:
    """Return the Vietnamese sentence of ``code`` with its values filled in."""
    return TEMPLATES[code] % dict(params or {})
