"""Proposals as the editor sees them: what is proposed, the sentence, its page, and the form to accept it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from khcn.engines.legal.effect import day_after_last
from khcn.engines.text.fold import fold
from khcn.library.enums import (
    DATE_PROPOSALS,
    INVERSE_RELATION_LABELS,
    ProposalKind,
    RelationKind,
    WorkState,
)
from khcn.library.forms.legal import ProposalForm
from khcn.library.models import LegalProposal, Work
from khcn.library.services.legal import ENDING_KINDS
from khcn.library.tables.results import page_url

DATELESS = frozenset({ProposalKind.BASED_ON, ProposalKind.GUIDES, ProposalKind.CONSOLIDATES})


@dataclass(frozen=True)
class ProposalCard:
    """One proposal on the desk. ``fields``: names of the form's fields that make sense for it."""

    proposal: LegalProposal
    what: str
    whom: str
    target: Work | None
    target_url: str
    page_url: str
    form: ProposalForm
    fields: Sequence[str]

    @property
    def bound_fields(self) -> list[object]:
        """The fields to show."""
        return [self.form[name] for name in self.fields]


def proposal_cards(
    work: Work,
    waiting: Sequence[LegalProposal],
    targets: Mapping[str, Work],
    bad: tuple[int, ProposalForm] | None,
) -> list[ProposalCard]:
    """Return the cards; ``bad`` is the form that came back with errors, by the proposal's id."""
    cards = []
    for one in waiting:
        target = targets.get(one.cited_key) if one.number else None
        form = bad[1] if bad and bad[0] == one.pk else _form(one)
        cards.append(
            ProposalCard(
                proposal=one,
                what=what_of(one),
                whom=" – ".join(part for part in (one.number, one.title) if part),
                target=target,
                target_url=reverse("library-desk:work", args=[target.pk]) if target else "",
                page_url=_page(work, one),
                form=form,
                fields=_fields(one, target),
            )
        )
    return cards


def what_of(one: LegalProposal) -> str:
    """Return the deed in words, from this document's side."""
    if one.passive:
        return str(INVERSE_RELATION_LABELS[RelationKind(one.kind)])
    return str(ProposalKind(one.kind).label)


def _form(one: LegalProposal) -> ProposalForm:
    initial = {
        "effective_date": one.effective_date,
        "part": one.part,
        "until_date": day_after_last(fold(one.sentence)) if one.kind == ProposalKind.SUSPENDS else None,
    }
    return ProposalForm(initial=initial, prefix=f"dx{one.pk}")


def _fields(one: LegalProposal, target: Work | None) -> list[str]:
    if one.kind in DATE_PROPOSALS:
        return ["effective_date"]
    if one.kind in DATELESS:
        return []
    names = ["effective_date", "part"]
    if one.kind == ProposalKind.SUSPENDS:
        names.insert(1, "until_date")
    if one.kind in ENDING_KINDS and target is not None and not one.passive:
        names.append("end_target")
    return names


def _page(work: Work, one: LegalProposal) -> str:
    """Return where the sentence can be looked at: the reader's page, or the picture of a page not published yet."""
    if not one.page:
        return ""
    if work.state == WorkState.PUBLISHED:
        return page_url(work, one.page, query=one.number)
    return reverse("library-desk:image", args=[work.pk, one.page])
