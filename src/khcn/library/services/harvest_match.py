"""Whether the library holds a work already under another name.

Same DOI, ISBN, ARK or Handle; or the same number of the same body and year; or the same title, first creator and year.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.db.models import Q

from khcn.engines.oai.identify import identifier_of, match_keys
from khcn.engines.records.ark import ark_number
from khcn.engines.text.fold import fold, normalize
from khcn.library import rules
from khcn.library.enums import WorkState
from khcn.library.imports.drafts import RecordDraft
from khcn.library.models import LegalRecord, Work
from khcn.library.models.harvest import PREFIX

_WORD: Final = re.compile(r"\w+")
_AT_ONCE: Final = 50


def counted_works() -> Any:
    """Return the works that count as held. One that vanished with its source does not."""
    return Work.objects.exclude(state=WorkState.WITHDRAWN, external_source__startswith=PREFIX)


def title_key(title: str) -> str:
    """Return the form by which titles are compared: words in lower case with their marks, no punctuation."""
    return " ".join(_WORD.findall(normalize(title).casefold()))


def creator_key(people: Sequence[dict[str, Any]]) -> str:
    """Return the form by which first creators are compared: "Nguyễn, Văn A" is "Nguyen Van A"."""
    names = rules.people_names(list(people[:1]))
    return " ".join(sorted(_WORD.findall(fold(names[0])))) if names else ""


def keys_of(identifiers: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """Return the comparable identifiers of a work as it keeps them."""
    found = []
    for one in identifiers:
        scheme, value = str(one.get("type") or ""), str(one.get("value") or "")
        shown = f"isbn:{value}" if scheme == "isbn" and not value.lower().startswith("isbn") else value
        if (known := identifier_of(shown, scheme)) is not None:
            found.append(known)
    return match_keys(found)


def draft_keys(draft: RecordDraft) -> list[tuple[Any, ...]]:
    """Return everything by which a draft is recognised; two drafts with one key in common are the same work."""
    found: list[tuple[Any, ...]] = [(key,) for key in keys_of(draft.fields.get("identifiers") or [])]
    year, people = draft.fields.get("issued_year"), draft.fields.get("creators")
    if year and people:
        found.append((title_key(draft.title), creator_key(people), year))
    legal = rules.legal_keys(draft.legal) if draft.legal else {}
    if legal.get("number_key") and legal.get("organ_key"):
        found.append((legal["number_key"], legal["organ_key"], year, "number"))
    return found


@dataclass(slots=True)
class Matcher:
    """Looks for twins many at a time. Reads the identifiers of all works once, at the first question."""

    _by_key: dict[str, int] | None = None
    _fresh: dict[str, int] = field(default_factory=dict)

    def twins(self, drafts: Sequence[RecordDraft]) -> dict[str, int]:
        """Return, by external id, the work that each draft repeats."""
        found = self._by_title(drafts) | self._by_number(drafts)
        return found | self._by_identifier(drafts)  # the surest comes last and wins

    def note(self, draft: RecordDraft, work_id: int) -> None:
        """Remember a work that was just brought in."""
        for key in keys_of(draft.fields.get("identifiers") or []):
            self._fresh.setdefault(key, work_id)

    def _by_identifier(self, drafts: Sequence[RecordDraft]) -> dict[str, int]:
        found: dict[str, int] = {}
        for draft in drafts:
            for key in keys_of(draft.fields.get("identifiers") or []):
                twin = self._own(key) or self._known().get(key) or self._fresh.get(key)
                if twin:
                    found[draft.external_id] = twin
                    break
        alive = set(counted_works().filter(pk__in=set(found.values())).values_list("pk", flat=True))
        return {ident: twin for ident, twin in found.items() if twin in alive}

    def _own(self, key: str) -> int | None:
        """Return our own work that has come back to us from another's shelves."""
        if not key.startswith("ark:"):
            return None
        number = ark_number(key.removeprefix("ark:"), settings.KHCN.ark_naan)
        return number[0] if number else None

    def _known(self) -> dict[str, int]:
        if self._by_key is None:
            self._by_key = {}
            rows = counted_works().exclude(identifiers=[]).order_by("-pk").values_list("pk", "identifiers")
            for pk, identifiers in rows.iterator(chunk_size=2000):
                for key in keys_of(identifiers):
                    self._by_key[key] = pk  # the oldest wins
        return self._by_key

    def _by_number(self, drafts: Sequence[RecordDraft]) -> dict[str, int]:
        asked = []
        for draft in drafts:
            keys = rules.legal_keys(draft.legal) if draft.legal else {}
            if keys.get("number_key") and keys.get("organ_key"):
                asked.append((draft, keys["number_key"], keys["organ_key"]))
        if not asked:
            return {}
        held: dict[tuple[str, str], list[tuple[int, int | None]]] = defaultdict(list)
        rows = LegalRecord.objects.filter(number_key__in={one[1] for one in asked}, work__in=counted_works())
        for number, organ, pk, year in rows.order_by("pk").values_list(
            "number_key", "organ_key", "work_id", "work__issued_year"
        ):
            held[number, organ].append((pk, year))
        found = {}
        for draft, number, organ in asked:
            year = draft.fields.get("issued_year")
            same = [pk for pk, other in held[number, organ] if year is None or other is None or year == other]
            if same:
                found[draft.external_id] = same[0]
        return found

    def _by_title(self, drafts: Sequence[RecordDraft]) -> dict[str, int]:
        asked = [
            (draft, (title_key(draft.title), creator_key(draft.fields.get("creators") or []), year))
            for draft in drafts
            if (year := draft.fields.get("issued_year")) and draft.fields.get("creators")
        ]
        held: dict[tuple[str, str, int | None], int] = {}
        for start in range(0, len(asked), _AT_ONCE):
            spans, years = Q(), set()
            for draft, (_title, _creator, year) in asked[start : start + _AT_ONCE]:
                letters = draft.sort_key.partition("!")[0]
                spans |= Q(sort_key__gte=f"{letters}!", sort_key__lt=f'{letters}"')
                years.add(year)
            rows = counted_works().filter(spans, issued_year__in=years).order_by("-pk")
            for pk, title, creators, year in rows.values_list("pk", "title", "creators", "issued_year"):
                held[title_key(title), creator_key(creators), year] = pk
        return {draft.external_id: held[key] for draft, key in asked if key in held}
