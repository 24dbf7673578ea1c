"""A plan as a document to hand on."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from khcn.core.exports.columns import attachment, safe_filename
from khcn.core.papers.writer import paper_docx
from khcn.plan.plan_paper import plan_paper
from khcn.plan.views.plans_base import plan_of, version_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@login_required
@require_safe
def plan_docx(request: HttpRequest, key: str) -> HttpResponse:
    """Give a version as a Word file in the layout of Decree 30."""
    version = version_of(request, plan_of(request, key))
    response = HttpResponse(paper_docx(plan_paper(version)), content_type=DOCX)
    response["Content-Disposition"] = attachment(
        safe_filename(f"ke-hoach-{version.plan.key}-ban-{version.number}", "docx")
    )
    return response
