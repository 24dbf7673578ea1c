"""The audit trail: what a row holds, that it cannot change, and that tampering is named."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from khcn.core.audit import (
    AuditImmutableError,
    audit_batch,
    audit_events_visible_to,
    audit_record,
    audit_seal,
    audit_visibility,
    snapshot,
    verify_chain,
)
from khcn.core.models import AuditEvent
from khcn.core.references import Reference
from tests.core.factories import make_user

THING = Reference("library.work", "7")


def _tamper(sql: str, *params: Any) -> None:
    """Change a row behind the ORM's back, as somebody with the database password would."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _record(n: int = 1, **values: Any) -> list[AuditEvent]:
    return [
        audit_record(actor=None, action="library.work.edit", target=THING, after={"n": i}, **values)
        for i in range(n)
    ]


@pytest.mark.django_db
def test_a_row_says_who_did_what_and_keeps_only_the_changed_fields() -> None:
    an, binh = make_user(), make_user("binh", first_name="Bình", last_name="Trần")
    event = audit_record(
        actor=an,
        on_behalf_of=binh,
        action="library.work.publish",
        target=an,
        before={"title": "Cũ", "state": "draft", "year": 2021},
        after={"title": "Mới", "state": "draft", "pages": 3},
        reason="Đã duyệt",
    )
    event.refresh_from_db()
    assert (event.actor_id, event.actor_label) == (an.pk, an.get_full_name())
    assert (event.on_behalf_of_id, event.on_behalf_of_label) == (binh.pk, binh.get_full_name())
    assert (event.target_kind, event.target_id, event.target_label) == ("orgs.user", str(an.pk), str(an))
    assert event.before == {"title": "Cũ", "year": 2021}
    assert event.after == {"title": "Mới", "pages": 3}
    assert event.reason == "Đã duyệt"


@pytest.mark.django_db
def test_the_system_itself_has_no_name_and_a_batch_has_a_count() -> None:
    event = audit_batch(
        actor=None, action="library.use.count", count=1200, summary={"from": date(2021, 5, 1)}
    )
    assert (event.actor_id, event.actor_label, event.count) == (None, "", 1200)
    assert event.after == {"from": "2021-05-01"}
    with pytest.raises(ValueError, match="negative"):
        audit_batch(actor=None, action="library.use.count", count=-1, summary={})


@pytest.mark.django_db
def test_snapshot_gives_plain_json_of_the_named_fields() -> None:
    user = make_user()
    user.last_login = datetime(2021, 5, 7, 3, 0, tzinfo=UTC)
    assert snapshot(user, ["username", "last_login", "groups", "is_active"]) == {
        "username": "an.nguyen",
        "last_login": "2021-05-07T03:00:00+00:00",
        "groups": [],
        "is_active": True,
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value",
    [1.0, 1e22, 0.1, Decimal("12.50"), "a\x00b", "\ud800", 2**60, {"z": [1, {"y": None}]}, {3, 1}, "Ổ ổ"],
)
def test_any_value_survives_the_database_with_its_digest(value: object) -> None:
    audit_record(actor=None, action="x.y.z", target=None, after={"value": value}, reason="có\x00NUL")
    audit_seal()
    assert verify_chain().ok


@pytest.mark.django_db
def test_rows_cannot_be_changed_or_deleted_through_the_orm() -> None:
    (event,) = _record()
    event.reason = "khác"
    deeds = [
        event.save,
        event.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.update(reason="khác"),
        lambda: AuditEvent.objects.bulk_update([event], ["reason"]),
    ]
    for deed in deeds:
        with pytest.raises(AuditImmutableError):
            deed()
    event.refresh_from_db()
    assert event.reason == ""
    audit_seal()
    link = AuditEvent.objects.get().hash
    AuditEvent.objects.all().seal([(9, "", "other", event.pk)])
    assert AuditEvent.objects.get().hash == link


@pytest.mark.django_db
def test_rolled_back_deeds_leave_no_row() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        _record()
        raise RuntimeError
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_sealing_links_rows_in_order_and_only_once() -> None:
    _record(3)
    assert verify_chain().unsealed == 3
    assert audit_seal() == 3
    assert audit_seal() == 0
    _record(2)
    assert audit_seal() == 2
    report = verify_chain()
    assert (report.ok, report.sealed, report.unsealed) == (True, 5, 0)
    assert list(AuditEvent.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4, 5]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE core_auditevent SET reason = 'x' WHERE seq = 3", "changed"),
        ("UPDATE core_auditevent SET actor_id = 99 WHERE seq = 3", "changed"),
        ("UPDATE core_auditevent SET digest = prev_hash WHERE seq = 3", "changed"),
        ("UPDATE core_auditevent SET hash = digest WHERE seq = 3", "link"),
        ("UPDATE core_auditevent SET prev_hash = digest WHERE seq = 3", "link"),
    ],
)
def test_a_tampered_row_is_named(sql: str, problem: str) -> None:
    _record(5)
    audit_seal()
    _tamper(sql)
    report = verify_chain()
    assert (report.ok, report.first_bad_seq, report.problem) == (False, 3, problem)
    assert AuditEvent.objects.get(pk=report.first_bad).seq == 3


@pytest.mark.django_db
def test_a_deleted_row_and_a_cut_tail_are_noticed() -> None:
    _record(4)
    audit_seal()
    head = verify_chain().head
    _tamper("DELETE FROM core_auditevent WHERE seq = 4")
    assert verify_chain().ok  # a chain cannot know its own end ...
    assert verify_chain(anchor=head).problem == "anchor"  # ... but a head kept elsewhere does
    _tamper("DELETE FROM core_auditevent WHERE seq = 2")
    report = verify_chain()
    assert (report.problem, report.first_bad_seq) == ("missing", 2)


@pytest.mark.django_db
def test_an_old_head_stays_an_anchor_while_the_chain_grows() -> None:
    empty = verify_chain().head
    _record(2)
    audit_seal()
    head = verify_chain().head
    _record(2)
    audit_seal()
    assert verify_chain(anchor=head).ok
    assert verify_chain(anchor=empty).ok
    assert not verify_chain(anchor=head[:-1] + ("0" if head[-1] != "0" else "1")).ok


@pytest.mark.django_db
def test_tampering_before_the_seal_shows_too() -> None:
    (event,) = _record()
    _tamper("UPDATE core_auditevent SET reason = 'x'")
    report = verify_chain()
    assert (report.ok, report.first_bad, report.problem) == (False, event.pk, "changed")


@pytest.mark.django_db(transaction=True)
def test_rows_are_sealed_right_after_commit() -> None:
    with transaction.atomic():
        _record(3)
        assert AuditEvent.objects.unsealed().count() == 3
    assert AuditEvent.objects.unsealed().count() == 0
    assert verify_chain().sealed == 3


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_make_one_chain() -> None:
    barrier = Barrier(6)

    def write() -> None:
        barrier.wait()
        for _round in range(5):
            with transaction.atomic():
                _record(2)
        connections.close_all()

    threads = [Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    audit_seal()
    report = verify_chain()
    assert (report.ok, report.sealed, report.unsealed) == (True, 60, 0)


@pytest.mark.django_db
def test_people_see_their_own_deeds_and_what_a_registered_rule_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db.models import Q

    an, binh, auditor = make_user(), make_user("binh"), make_user("kiem")
    mine = audit_record(actor=an, action="a.b.c", target=None)
    for_me = audit_record(actor=binh, on_behalf_of=an, action="a.b.c", target=None)
    other = audit_record(actor=binh, action="a.b.c", target=None)
    monkeypatch.setattr(audit_visibility, "_rules", type(audit_visibility._rules)("test"))
    audit_visibility.register("test", lambda user: Q() if user == auditor else Q(pk__in=[]))
    assert set(audit_events_visible_to(an)) == {mine, for_me}
    assert set(audit_events_visible_to(auditor)) == {mine, for_me, other}
    assert not audit_events_visible_to(None).exists()


@pytest.mark.django_db
def test_the_command_prints_one_json_document_and_fails_on_a_broken_chain() -> None:
    _record(2)
    out = StringIO()
    call_command("audit", "verify", "--json", stdout=out, stderr=StringIO())
    good = json.loads(out.getvalue())
    assert (good["ok"], good["sealed"]) == (True, 2)
    _tamper("UPDATE core_auditevent SET reason = 'x' WHERE seq = 2")
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as stop:
        call_command("audit", "verify", "--json", "--anchor", good["head"], stdout=out, stderr=err)
    assert stop.value.code == 1
    bad = json.loads(out.getvalue())
    assert (bad["ok"], bad["first_bad_seq"]) == (False, 2)
    assert str(bad["first_bad"]) in err.getvalue()
