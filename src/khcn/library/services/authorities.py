"""Names of people and bodies kept in step with the works: every creator and contributor is tied to one authority.

``authorities_sync`` is called by whatever writes works, inside its transaction; it asks the database a fixed number of
times however many works there are. A choice that a librarian has made (merge, split) is never undone by it: a tie whose
name still stands in the work keeps its authority.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from khcn.engines.records.name_keys import filing_key, filing_letter, looks_like_body, name_key
from khcn.engines.records.names import without_titles
from khcn.engines.records.pids import BadIdentifierError, normal_identifier
from khcn.engines.text.fold import normalize
from khcn.library.enums import AuthorityKind, TieRole
from khcn.library.models import Authority, AuthorityName, AuthorityTie, Work

CHUNK: Final = 400
MAX_NAME: Final = 300


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody as one work names them."""

    work_id: int
    role: str
    position: int
    name: str
    key: str
    kind: str
    orcid: str = ""

    @property
    def place(self) -> tuple[int, str, int]:
        """Where in the work the name stands."""
        return self.work_id, self.role, self.position


@dataclass(slots=True)
class _Known:
    """The authorities that the names of one chunk may mean."""

    by_orcid: dict[str, int] = field(default_factory=dict)
    by_key: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    orcids: dict[int, str] = field(default_factory=dict)


def authorities_sync(work_ids: Iterable[int], *, now: datetime) -> int:
    """Tie the creators and contributors of these works to authorities, making those that are new.

    Returns the number of ties made or changed. Runs in the caller's transaction or one of its own a chunk.
    """
    ids = list(dict.fromkeys(work_ids))
    changed = 0
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            changed += _sync(ids[start : start + CHUNK], now)
    return changed


def _sync(ids: Sequence[int], now: datetime) -> int:
    rows = Work.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "creators", "contributors")
    wanted = [named for row in rows for named in _named(*row)]
    held = {
        (tie.work_id, tie.role, tie.position): tie
        for tie in AuthorityTie.objects.filter(work_id__in=ids).select_related("authority").order_by("id")
    }
    if not wanted and not held:
        return 0
    open_names = [named for named in wanted if not _same(held.get(named.place), named)]
    gone = set(held) - {named.place for named in wanted}
    if not open_names and not gone:
        return 0
    chosen = _choose(open_names, _earlier(held.values()), now)
    replaced = [held[named.place].pk for named in open_names if named.place in held]
    AuthorityTie.objects.filter(pk__in=[*replaced, *(held[place].pk for place in gone)]).delete()
    AuthorityTie.objects.bulk_create(
        AuthorityTie(
            authority_id=chosen[named.place][0],
            work_id=named.work_id,
            role=named.role,
            position=named.position,
            name=named.name,
            certain=chosen[named.place][1],
        )
        for named in open_names
    )
    _note_orcids(open_names, chosen)
    return len(open_names) + len(gone)


def _note_orcids(names: Sequence[Named], chosen: dict[tuple[int, str, int], tuple[int, bool]]) -> None:
    """Keep an ORCID that a work gives on the authority that had none."""
    given = {chosen[named.place][0]: named.orcid for named in names if named.orcid}
    for ident in Authority.objects.filter(pk__in=given, orcid="").values_list("pk", flat=True):
        if not Authority.objects.filter(orcid=given[ident]).exists():
            Authority.objects.filter(pk=ident, orcid="").update(orcid=given[ident])


def _named(work_id: int, creators: Any, contributors: Any) -> Iterable[Named]:
    for role, people in ((TieRole.CREATOR, creators), (TieRole.CONTRIBUTOR, contributors)):
        position = 0
        for one in people if isinstance(people, list) else []:
            name = " ".join(normalize(str(one.get("name") or "")).split()) if isinstance(one, dict) else ""
            key = name_key(name) if name else ""
            if not key or position > 999:
                continue
            yield Named(work_id, role.value, position, name[:MAX_NAME], key, kind_of(one), _orcid(one))
            position += 1


def kind_of(one: dict[str, Any]) -> str:
    """Return the kind that a record of a person or body says, or what its name looks like."""
    said = str(one.get("kind") or one.get("nameType") or "").lower()
    if said.startswith("org"):
        return AuthorityKind.ORGANISATION
    if said.startswith("pers"):
        return AuthorityKind.PERSON
    return AuthorityKind.ORGANISATION if looks_like_body(str(one.get("name"))) else AuthorityKind.PERSON


def _orcid(one: dict[str, Any]) -> str:
    said = one.get("orcid")
    if not isinstance(said, str) or not said:
        return ""
    try:
        return normal_identifier("orcid", said)
    except BadIdentifierError:
        return ""


def _same(tie: AuthorityTie | None, named: Named) -> bool:
    if tie is None or tie.name != named.name:
        return False
    return not named.orcid or tie.authority.orcid == named.orcid


def _earlier(ties: Iterable[AuthorityTie]) -> dict[tuple[int, str], tuple[int, bool]]:
    """Return what each name in a work was tied to, wherever in the work it stood."""
    return {(tie.work_id, name_key(tie.name)): (tie.authority_id, tie.certain) for tie in ties}


def _choose(
    names: Sequence[Named], earlier: dict[tuple[int, str], tuple[int, bool]], now: datetime
) -> dict[tuple[int, str, int], tuple[int, bool]]:
    """Return by place the authority that is meant, and whether that is certain."""
    known = _known(names)
    fresh = {(named.kind, named.key): named for named in reversed(names) if not _meant(named, earlier, known)}
    others = {
        (named.kind, named.key, named.orcid): named
        for named in reversed(names)
        if named.orcid and not _meant(named, earlier, known)
    }
    if fresh:
        _make([*fresh.values(), *others.values()], now)
        known = _known(names)
    found = {}
    for named in names:
        meant = _meant(named, earlier, known)
        if meant is None:
            raise RuntimeError(f"no authority for a name of work {named.work_id}")
        found[named.place] = meant
    return found


def _meant(
    named: Named, earlier: dict[tuple[int, str], tuple[int, bool]], known: _Known
) -> tuple[int, bool] | None:
    """Return whom a name means: by ORCID; as this work had it; the only one of this name; else the first, uncertain."""
    if named.orcid and named.orcid in known.by_orcid:
        return known.by_orcid[named.orcid], True
    before = earlier.get((named.work_id, named.key))
    if before is not None and not named.orcid:
        return before
    same = known.by_key.get((named.kind, named.key), [])
    if named.orcid:  # not one of those who have another ORCID
        same = [ident for ident in same if not known.orcids.get(ident)]
        return None if not same or len(same) > 1 else (same[0], True)
    return (same[0], len(same) == 1) if same else None


def _known(names: Sequence[Named]) -> _Known:
    keys = {named.key for named in names}
    orcids = {named.orcid for named in names} - {""}
    known = _Known()
    rows = AuthorityName.objects.filter(key__in=keys, authority__merged_into__isnull=True).order_by(
        "authority_id"
    )
    for key, kind, ident, orcid in rows.values_list(
        "key", "authority__kind", "authority_id", "authority__orcid"
    ):
        known.by_key[kind, key].append(ident)
        known.orcids[ident] = orcid
    if orcids:
        held = Authority.objects.filter(orcid__in=orcids, merged_into__isnull=True)
        known.by_orcid = dict(held.values_list("orcid", "pk"))
    return known


def _make(names: Sequence[Named], now: datetime) -> None:
    """Make authorities for these names; one that another process makes meanwhile is taken as it is."""
    taken: dict[tuple[str, str], int] = defaultdict(int)
    keys = {named.key for named in names}
    for kind, key, distinct in Authority.objects.filter(key__in=keys).values_list("kind", "key", "distinct"):
        taken[kind, key] = max(taken[kind, key], distinct)
    rows, seen = [], set()
    for named in names:
        mark = (named.kind, named.key, named.orcid)
        if mark in seen:
            continue
        seen.add(mark)
        taken[named.kind, named.key] += 1
        rows.append(authority_row(named.name, named.kind, now, taken[named.kind, named.key], named.orcid))
    Authority.objects.bulk_create(rows, ignore_conflicts=True)
    made = Authority.objects.filter(key__in=keys, names__isnull=True, merged_into__isnull=True)
    AuthorityName.objects.bulk_create(
        (AuthorityName(authority=one, name=one.heading, key=one.key) for one in made), ignore_conflicts=True
    )


def authority_row(name: str, kind: str, now: datetime, distinct: int = 1, orcid: str = "") -> Authority:
    """Return an unsaved authority with its keys."""
    person = kind == AuthorityKind.PERSON
    heading = without_titles(name)[:MAX_NAME] if person else name[:MAX_NAME]
    return Authority(
        kind=kind,
        heading=heading,
        key=name_key(name),
        distinct=distinct,
        orcid=orcid,
        created_at=now,
        updated_at=now,
        sort_key=filing_key(heading, person=person),
        letter=filing_letter(heading, person=person),
    )


def authorities_rebuild(*, now: datetime | None = None, since: datetime | None = None) -> int:
    """Bring the ties of all works (or those changed since a moment) in step; return how many ties changed."""
    at = now or timezone.now()
    works = Work.objects.order_by("pk")
    if since is not None:
        works = works.filter(updated_at__gte=since)
    changed, last = 0, 0
    while ids := list(works.filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
        last = ids[-1]
        changed += authorities_sync(ids, now=at)
    return changed


def authorities_refresh(now: datetime) -> int:
    """Periodic: everything once when no tie exists yet (an installation from before), else the latest changes."""
    if not AuthorityTie.objects.exists():
        return authorities_rebuild(now=now)
    return authorities_rebuild(now=now, since=now - timedelta(hours=3))
