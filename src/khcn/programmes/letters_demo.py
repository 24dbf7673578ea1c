"""Demo letters: one read and released, one change that waits to be read, automatic reminders of one programme."""

from datetime import datetime

from khcn.core.demo import Progress
from khcn.orgs.models import User
from khcn.programmes.enums import LetterAudience, LetterKind
from khcn.programmes.models.letters import Letter, LetterSetting
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import can_run, reach_of
from khcn.programmes.rules.letters import DEFAULTS
from khcn.programmes.services.letters import LetterText, letter_preview, letter_release, letter_save
from khcn.programmes.services.letters_automatic import reminders_set

COURSE, WORKSHOP = "mau-lop-ai-giao-vien", "mau-hoi-thao-chuyen-doi-so"


def load(progress: Progress, now: datetime) -> None:
    """Make what is missing; without the calendar's programmes, their people or the demo's officer, nothing."""
    officer = User.objects.filter(username="daumoi").first()
    rows = {row.key: row for row in Programme.objects.filter(key__in=[COURSE, WORKSHOP])}
    if (
        officer is None
        or not rows
        or not all(can_run(reach_of(officer), row.unit_id) for row in rows.values())
    ):
        return
    for key, kind in ((COURSE, LetterKind.CUSTOM), (WORKSHOP, LetterKind.CHANGE)):
        programme = rows.get(key)
        if programme is None or Letter.objects.filter(programme=programme).exists():
            continue
        letter = letter_save(actor=officer, programme=programme, values=_text(kind), now=now)
        if kind == LetterKind.CUSTOM:
            seen = letter_preview(actor=officer, letter_id=letter.pk, now=now)
            if seen.to:
                letter_release(actor=officer, letter_id=letter.pk, count=len(seen.to), now=now)
        progress(f"{programme.title}: {letter.get_kind_display()}")
    workshop = rows.get(WORKSHOP)
    if workshop is not None and not LetterSetting.objects.filter(programme=workshop).exists():
        reminders_set(actor=officer, programme=workshop, automatic=True, now=now)


def _text(kind: LetterKind) -> LetterText:
    words = DEFAULTS[kind]._asdict()
    if kind == LetterKind.CUSTOM:
        words["body"] = words["body"].replace("…", "Lớp học (minh họa) cần mang theo máy tính xách tay.")
    else:
        words = {name: text.replace(": … ", " giờ bắt đầu (minh họa). ") for name, text in words.items()}
    return LetterText(kind=kind, audience=LetterAudience.CONFIRMED, **words)
