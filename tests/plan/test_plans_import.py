"""A plan file on its way into the database: drafts, the same file again, a changed one, what is refused."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command

from khcn.core.errors import PermissionDeniedError
from khcn.core.models.audit import AuditEvent
from khcn.engines.plans.types import PlanFile
from khcn.orgs.models import Unit, UnitCode
from khcn.plan.enums import Basis, VersionState
from khcn.plan.errors import PlanError, RowsError
from khcn.plan.models import Plan, PlanVersion, Task, WorkItem
from khcn.plan.selectors.plans import version_file
from khcn.plan.services.plans_flow import plan_submit
from khcn.plan.services.plans_import import ImportResult, plan_import, plan_read
from khcn.plan.services.plans_tasks import task_update
from tests.engines.plans.samples import MARKDOWN, YAML
from tests.plan.factories import NOW, TODAY, People

pytestmark = pytest.mark.django_db


def read(text: str = YAML, name: str = "ke-hoach.yaml") -> PlanFile:
    return plan_read(name=name, data=text.encode(), today=TODAY)


def bring(plan: PlanFile | None = None, **options: object) -> ImportResult:
    return plan_import(actor=None, plan_file=plan or read(), now=NOW, **options)  # type: ignore[arg-type]


def test_a_file_becomes_a_draft_with_its_units_and_counts_its_work() -> None:
    result = bring()
    assert (result.tasks, result.units, result.work_items, result.version.state) == (
        3,
        7,
        6,
        VersionState.DRAFT,
    )
    assert result.changed == 3 + 7
    assert not WorkItem.objects.exists()
    plan = Plan.objects.get()
    assert (plan.full_number, plan.year, plan.issuer and plan.issuer.key) == ("15/KH-UBND", 2024, "uy-ban")
    task = Task.objects.get(code="II-a")
    assert ([one.unit.key for one in task.cooperating.all()], task.fan_out) == (["cac-to"], True)
    assert [unit.key for unit in Unit.objects.get(key="cac-to").members.order_by("key")] == ["to-1", "to-2"]


def test_what_is_kept_says_what_the_file_said() -> None:
    given = read()
    kept = version_file(bring(given).version)
    assert replace(kept, units=given.units, anomalies=given.anomalies) == given


def test_the_same_file_again_changes_nothing_and_leaves_no_trail() -> None:
    first = bring()
    rows = AuditEvent.objects.count()
    second = bring()
    assert (second.changed, second.version.pk) == (0, first.version.pk)
    assert AuditEvent.objects.count() == rows


def test_units_of_the_register_are_used_as_they_are() -> None:
    bring()
    unit = Unit.objects.get(key="phong-a")
    unit.name = "Phòng Kinh tế, Hạ tầng"
    unit.save()
    bring(read(YAML.replace("Mở lớp tập huấn\n", "Mở ba lớp tập huấn\n")))
    assert Unit.objects.get(key="phong-a").name == "Phòng Kinh tế, Hạ tầng"


def test_a_changed_file_changes_only_what_it_says_otherwise() -> None:
    first = bring()
    officer = People().officer
    task_update(actor=officer, version=first.version, code="II-a", changes={"title": "Do người sửa"}, now=NOW)
    changed = YAML.replace("Mở lớp tập huấn\n", "Mở ba lớp tập huấn\n").replace("id: II-b", "id: II-c")
    result = bring(read(changed))
    assert (result.added, result.updated, result.removed) == (1, 1, 1)
    titles = dict(Task.objects.filter(version=first.version).values_list("code", "title"))
    assert titles == {"I.1-a": "Mở ba lớp tập huấn", "II-a": "Do người sửa", "II-c": "Báo cáo"}
    assert bring(read(changed)).changed == 0


def test_a_plan_that_waits_for_approval_is_not_changed_under_the_readers_eyes() -> None:
    version = bring().version
    plan_submit(actor=People().officer, version=version, now=NOW)
    assert bring().changed == 0
    with pytest.raises(PlanError) as caught:
        bring(read(YAML.replace("Mở lớp tập huấn\n", "Khác\n")))
    assert caught.value.code == "plan-waiting"


def test_running_text_waits_for_a_person_and_proposes_its_units() -> None:
    result = bring(read(MARKDOWN, "ke-hoach.md"))
    assert result.tasks == 10
    assert Task.objects.filter(needs_confirming=True).count() == 10
    assert Unit.objects.filter(name="Các tổ dân phố", kind__is_group=True).exists()
    with pytest.raises(PlanError) as caught:
        plan_submit(actor=People().officer, version=result.version, now=NOW)
    assert caught.value.code == "plan-unconfirmed"


def test_words_of_the_file_for_a_guess_become_the_registers_words() -> None:
    bring(read(YAML.replace("lead_basis: explicit", "lead_basis: default_IV.1")))
    assert Task.objects.get(code="I.1-a").lead_basis == Basis.DEFAULT


def test_faults_are_told_by_line_and_nothing_is_taken_in() -> None:
    units = Unit.objects.count()
    with pytest.raises(RowsError) as caught:
        read(YAML.replace("lead_unit: phong-a", "lead_unit: phong-x"))
    assert next((one.where, one.item) for one in caught.value.faults)[1] == "nhiệm vụ I.1-a › lead_unit"
    assert Unit.objects.count() == units and not Plan.objects.exists()


def test_only_the_focal_officer_brings_plans() -> None:
    people = People()
    for person in (people.reporter, people.leader, people.clerk, people.focal_head):
        with pytest.raises(PermissionDeniedError):
            plan_import(actor=person, plan_file=read(), now=NOW)
    assert plan_import(actor=people.officer, plan_file=read(), now=NOW).version.drafted_by == people.officer


def test_a_code_of_the_statistics_office_that_another_unit_holds_stays_with_it() -> None:
    coded = YAML.replace("{id: to-1, vi: Tổ 1,", '{id: to-1, gso_code: "27301", vi: Tổ 1,')
    bring(read(coded))
    assert UnitCode.objects.get(code="27301").unit.key == "to-1"
    other = (
        coded.replace("to-1", "to-9")
        .replace("id: kh-15", "id: kh-16")
        .replace("15/KH", "16/KH")
        .replace("number: 15", "number: 16")
    )
    bring(read(other))
    assert UnitCode.objects.get(code="27301").unit.key == "to-1"


# --- from the command line ---


def run(*arguments: str) -> dict[str, object]:
    out, err = io.StringIO(), io.StringIO()
    call_command("plan", *arguments, "--json", stdout=out, stderr=err)
    found = json.loads(out.getvalue())
    assert isinstance(found, dict)
    return found


def test_the_command_prints_one_document(tmp_path: Path) -> None:
    path = tmp_path / "ke-hoach.yaml"
    path.write_text(YAML, encoding="utf-8")
    first = run("import", str(path))
    assert {key: first[key] for key in ("tasks", "units", "work_items", "version", "state", "plan")} == {
        "tasks": 3, "units": 7, "work_items": 6, "version": 1, "state": "draft", "plan": "15/KH-UBND"
    }  # fmt: skip
    assert run("import", str(path))["changed"] == 0
    status = run("status", "--plan", "15/KH-UBND", "--on", "2024-06-02")
    assert (status["work_items"], status["late"]) == (6, 3)
    assert {"unit", "name", "work_items", "done", "late"} <= set(status["units"][0])  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yaml", YAML.replace("phong-b]", "phong-z]")),
        ("a.yaml", "a: ["),
        ("a.pdf", "%PDF"),
        ("a.md", "Không có mục nào."),
    ],
)
def test_a_fault_ends_with_code_2_and_says_where(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    err = io.StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("plan", "import", str(path), "--json", stdout=io.StringIO(), stderr=err)
    assert caught.value.code == 2
    assert "Hãy" in err.getvalue() and not PlanVersion.objects.exists()


def test_a_missing_file_and_an_unknown_plan_are_told(tmp_path: Path) -> None:
    for arguments in (
        ("import", str(tmp_path / "không-có.yaml")),
        ("status", "--plan", "1/KH-X", "--on", "2024-01-01"),
    ):
        err = io.StringIO()
        with pytest.raises(SystemExit) as caught:
            call_command("plan", *arguments, stdout=io.StringIO(), stderr=err)
        assert caught.value.code == 2 and len(err.getvalue()) > 20
