"""A juror's own desk: contests, declaration, sheets, files. Whatever is not the juror's own is a 404."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.programmes.forms.contests import DeclareForm, ReasonForm, SheetForm
from khcn.programmes.permissions import reach_of
from khcn.programmes.rules.contest_phases import juror_may
from khcn.programmes.selectors.contests_jury import (
    juror_entry,
    juror_file,
    next_review,
    open_seat,
    own_reviews,
    review_of,
    seat_of,
    seats_of,
)
from khcn.programmes.services.contests_conflicts import conflicts_declare, organisations
from khcn.programmes.services.contests_reviews import conflict_report, review_save
from khcn.programmes.services.entries_files import ENTRIES
from khcn.ui.deeds import only, secret, sent


@login_required
@require_safe
def jury(request: HttpRequest) -> HttpResponse:
    """List the contests where this person judges and the next thing in each."""
    seats = seats_of(request.user)
    only(bool(seats) or reach_of(request.user).juror, _("Trang này dành cho giám khảo của các cuộc thi."))
    rows = [
        (seat, own_reviews(seat.juror).select_related("entry").order_by("entry__code") if seat.given else ())
        for seat in seats
    ]
    return secret(render(request, "programmes/contests/jury.html", {"rows": rows}))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare about everybody that takes part before any entry opens."""
    seat = seat_of(request.user, pk)
    if seat is None or not juror_may(seat.contest.phase).declare:
        raise Http404
    form = DeclareForm(request.POST or None, places=organisations(pk))
    if request.method == "POST" and form.is_valid():
        data, now = form.cleaned_data, timezone.now()

        def write() -> bool:
            conflicts_declare(actor=request.user, juror=seat.juror, **data, now=now)
            return True

        if sent(form, write):
            messages.success(request, _("Đã ghi nhận khai báo của bạn."))
            return redirect("programmes-desk:jury")
    status = 422 if request.method == "POST" else 200
    context = {"seat": seat, "form": form}
    return secret(render(request, "programmes/contests/declare.html", context, status=status))


@login_required
@require_safe
def next_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to the open sheet whose entry has the fewest reviews."""
    seat = open_seat(request.user, pk)
    review = next_review(seat.juror) if seat else None
    return (
        redirect("programmes-desk:jury-sheet", pk=review.pk) if review else redirect("programmes-desk:jury")
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Read an anonymous entry and fill in the own sheet."""
    found = review_of(request.user, pk)
    if found is None:
        raise Http404
    review, seat = found
    given = {row.criterion.key: row.points for row in review.scores.select_related("criterion")}
    initial = given | {"comment": review.comment, "revision": review.revision}
    form = SheetForm(request.POST or None, criteria=list(review.rules.criteria.all()), initial=initial)
    if request.method == "POST" and form.is_valid():
        data, submit, now = form.cleaned_data, request.POST.get("viec") == "nop", timezone.now()
        done = sent(
            form,
            lambda: review_save(
                actor=request.user, review_id=pk, points=form.points(), comment=data["comment"], revision=data["revision"],
                submit=submit, now=now,
            ),
        )  # fmt: skip
        if done:
            messages.success(request, _("Đã nộp phiếu.") if submit else _("Đã lưu nháp."))
            return (
                redirect("programmes-desk:jury-next", pk=review.programme_id)
                if submit
                else redirect(request.path)
            )
    context = {
        "seat": seat, "review": review, "form": form, "entry": juror_entry(seat.juror, review.entry), "given": given,
        "writes": juror_may(seat.contest.phase).score and review.submitted_at is None, "reason": ReasonForm(prefix="xd"),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return secret(render(request, "programmes/contests/sheet.html", context, status=status))


@login_required
@require_http_methods(["POST"])
def sheet_conflict(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the maker was recognised: the entry goes to somebody else."""
    found = review_of(request.user, pk)
    if found is None:
        raise Http404
    form = ReasonForm(request.POST, prefix="xd")

    def write() -> bool:
        conflict_report(
            actor=request.user, review=found[0], reason=form.cleaned_data["reason"], now=timezone.now()
        )
        return True

    if form.is_valid() and sent(form, write):
        messages.success(request, _("Đã ghi. Bài này sẽ giao cho giám khảo khác."))
        return redirect("programmes-desk:jury")
    for errors in form.errors.values():
        messages.error(request, " ".join(map(str, errors)))
    return redirect("programmes-desk:jury-sheet", pk=pk)


@login_required
@require_safe
def entry_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a file of an entry under its neutral name."""
    found = juror_file(request.user, pk)
    if found is None:
        raise Http404
    return secret(ENTRIES.response(found.name, found.title))
