"""A team takes along what is kept about it."""

import json

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from khcn.core.exports.columns import attachment
from khcn.core.gate import costly
from khcn.programmes.models.entries import Team
from khcn.programmes.services.entries_copy import team_copy
from khcn.programmes.views.entries_team import of_team
from khcn.ui.deeds import secret


@require_safe
@costly("programmes.team_page", per_minute=90, noindex=True)
@of_team
def team_data(_request: HttpRequest, team: Team) -> HttpResponse:
    """Hand a team all that is kept about it, as JSON; its files are on its page."""
    text = json.dumps(team_copy(team), ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = attachment("du-lieu-cua-doi.json")
    return secret(response)
