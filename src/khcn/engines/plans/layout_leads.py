"""Who leads and who helps, read from a sentence of the plan and from the heading it stands under.

In the part "PHÂN CÔNG THỰC HIỆN" a heading names the subject of its sentences. "Phối hợp X ..." under a unit makes X
the lead when X alone is the plan's focal unit, and a partner otherwise.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from khcn.engines.plans.unit_names import Named, UnitNames, normal

_WITH_FIRST: Final = re.compile(r"^(?:tiep tuc |chu dong )?(?:phoi hop|cung)(?: chat che)?(?: voi| cung)?\s+")
_WITH: Final = re.compile(r"\bphoi hop(?: chat che)?(?: voi| cung| giua)?(?: cac don vi:?)?\s+")
_COOP_LABEL: Final = re.compile(r"(?:don vi |co quan )?phoi hop(?: thuc hien)?\s*:\s*$")
_LEAD_LABEL: Final = re.compile(
    r"(?:don vi |co quan )?(?:chu tri|thuc hien|dau moi)(?: thuc hien)?\s*:\s*$|\bgiao(?: cho)?\s+$"
)
_LEAD_AFTER: Final = re.compile(
    r"^,?\s*(?:la (?:don vi |co quan )?(?:chu tri|dau moi|thuong truc)|chu tri\b|chiu trach nhiem)"
)
_DO_BEFORE: Final = re.compile(r"\bdo\s+$")
_LISTED: Final = re.compile(r"^\s*(?:,|va|cung|;|voi|cac don vi)?\s*(?:va)?\s*$")
_JOIN_BODY: Final = re.compile(r"^(?:phoi hop|ket hop|cung)\b")
_FOCAL_WORDS: Final = (
    (
        4,
        re.compile(
            r"chiu trach nhiem (?:chinh )?(?:trong viec )?trien khai|co quan thuong truc|tham muu .{0,60}trien khai .{0,20}ke hoach"
        ),
    ),
    (2, re.compile(r"\bdau moi\b|don doc|theo doi,|tong hop,? bao cao")),
)
_THROUGH: Final = re.compile(r"\b(?:qua|thong qua|gui ve|gui)\s+$")


@dataclass(frozen=True, slots=True)
class Duty:
    """Lead and partners of one task with the basis of each (``explicit``, ``subject_of_clause``, ``default``)."""

    lead: str = ""
    lead_basis: str = ""
    cooperating: tuple[str, ...] = ()
    coop_basis: str = ""
    fan_out: bool = False


def _once(keys: Iterable[str], without: str = "") -> tuple[str, ...]:
    return tuple(key for key in dict.fromkeys(keys) if key and key != without)


class Duties:
    """Reads duties of one plan. ``focal``: key of the unit that carries the plan out, "" while unknown."""

    def __init__(self, names: UnitNames, groups: Iterable[str]) -> None:
        self._names = names
        self._groups = frozenset(groups)
        self.focal = ""

    def choose_focal(self, assigned: Sequence[tuple[Sequence[str], str]], reports: str) -> None:
        """Find the focal unit from (units of a heading, text under it) of the assignments and the report sentences."""
        scores: dict[str, int] = {}
        for at, (keys, text) in enumerate(assigned):
            if len(keys) == 1 and keys[0] not in self._groups:
                shown = normal(text)
                score = sum(weight for weight, pattern in _FOCAL_WORDS if pattern.search(shown))
                scores[keys[0]] = scores.get(keys[0], 0) + score + (1 if at == 0 else 0)
        shown = normal(reports)
        for named in self._names.find(reports):
            if _THROUGH.search(shown[: named.start]) and named.key in scores:
                scores[named.key] += 3
        self.focal = max(scores, key=lambda key: scores[key]) if scores else ""

    def read(self, text: str, subjects: Sequence[str], above: Duty | None = None) -> Duty:
        """Return the duty that ``text`` lays down. ``subjects``: units of the heading; ``above``: duty of the sentence
        that introduces the list in which ``text`` stands."""
        shown, named = normal(text), self._names.find(text)
        labelled = self._labelled(shown, named)
        if labelled is not None:
            return labelled
        first = _WITH_FIRST.match(shown)
        partners = self._listed(shown, named, first.end()) if first else ()
        if first and partners:
            return self._joined(partners, subjects)
        if above is not None and _JOIN_BODY.match(shown):
            return above
        return self._plain(shown, named, subjects, above)

    def _joined(self, partners: tuple[str, ...], subjects: Sequence[str]) -> Duty:
        """ "Phối hợp X, Y ...": who of the heading and of the partners leads."""
        subject = subjects[0] if len(subjects) == 1 else ""
        if partners == (self.focal,) and subjects and subject != self.focal:
            return self._with_group(
                Duty(self.focal, "explicit", _once(subjects, self.focal), "explicit"), subjects
            )
        if subject and subject not in self._groups:
            basis = "explicit" if subject == self.focal else "subject_of_clause"
            return Duty(subject, basis, _once(partners, subject), "explicit")
        lead = self.focal or (subjects[0] if subjects else "")
        basis = "explicit" if lead in partners else "default"
        return self._with_group(Duty(lead, basis, _once([*subjects, *partners], lead), "explicit"), subjects)

    def _plain(self, shown: str, named: list[Named], subjects: Sequence[str], above: Duty | None) -> Duty:
        inner = _WITH.search(shown)
        partners = self._listed(shown, named, inner.end()) if inner else ()
        if len(subjects) == 1:
            lead = subjects[0]
            basis = "explicit" if lead == self.focal else "subject_of_clause"
            return Duty(lead, basis, _once(partners, lead), "explicit" if partners else "")
        if subjects:
            lead = above.lead if above is not None and above.lead else self.focal or subjects[0]
            return self._with_group(
                Duty(lead, "default", _once([*subjects, *partners], lead), "explicit"), subjects
            )
        lead = self.focal
        return Duty(lead, "default" if lead else "", _once(partners, lead), "explicit" if partners else "")

    def _with_group(self, duty: Duty, subjects: Sequence[str]) -> Duty:
        """Every member of a group that is told to do something has its own piece of work; one only asked has not."""
        if not self._groups.intersection(duty.cooperating, subjects):
            return duty
        return Duty(duty.lead, duty.lead_basis, duty.cooperating, duty.coop_basis, fan_out=True)

    def _listed(self, shown: str, named: list[Named], start: int) -> tuple[str, ...]:
        """The units named one after the other from ``start`` on."""
        keys: list[str] = []
        place = start
        for one in named:
            if one.start < place:
                continue
            if not _LISTED.match(shown[place : one.start]):
                break
            keys.append(one.key)
            place = one.end
        return _once(keys)

    def _labelled(self, shown: str, named: list[Named]) -> Duty | None:
        """ "Giao X", "X chủ trì", "Đơn vị chủ trì: X; phối hợp: Y"."""
        lead, partners = "", []
        for one in named:
            before, after = shown[: one.start], shown[one.end :]
            if (
                _LEAD_LABEL.search(before)
                or _LEAD_AFTER.match(after)
                or (_DO_BEFORE.search(before) and _LEAD_AFTER.match(after))
            ):
                lead = lead or one.key
            elif _COOP_LABEL.search(before):
                partners += [one.key, *self._listed(shown, named, one.end)]
        if not lead:
            return None
        inner = _WITH.search(shown)
        partners += self._listed(shown, named, inner.end()) if inner else ()
        return Duty(lead, "explicit", _once(partners, lead), "explicit" if partners else "")
