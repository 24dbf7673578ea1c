"""Recordings: what is taken in, that every way out deletes the file, and that only numbers stay."""

import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from khcn.core.enums import JobState
from khcn.core.models.audit import AuditEvent
from khcn.core.models.jobs import Job
from khcn.markets import store
from khcn.markets.enums import ClipState
from khcn.markets.models import Camera, Clip, Still
from khcn.markets.rules.clips import clip_ending
from khcn.markets.services import setup_engine
from khcn.markets.services.clips import (
    ClipBusyError,
    ClipRefusedError,
    clip_live,
    clip_run,
    clip_upload,
    clips_sweep,
)
from khcn.markets.services.retention import pictures_expire
from khcn.markets.services.setup_engine import EngineRefusedError, StillPicture
from khcn.markets.services.setup_guard import SetupPermissionError
from khcn.markets.services.stills import NoAddressError, still_keep, still_request, still_run
from khcn.orgs.enums import Role
from tests.markets.factories import NOW, make_camera, make_gate, make_layout, make_market
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
MP4 = b"\0\0\0\x18ftypisom" + b"\0" * 400
ROOT = "/ban-lam-viec/cho/thiet-lap/"
RESULT: dict[str, Any] = {
    "model": "packaged", "frames": 50, "seconds_video": 10.0, "crossings": [{"gate": "cua", "t": 9.9, "direction": "in", "x": 1, "y": 2}],
    "zones": [], "health": [{"kind": "dark", "start": 1.0, "end": 2.0, "detail": ""}],
}  # fmt: skip


class Engine:
    """Stands for the vision engine: remembers what it was given, answers or fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.error: BaseException | None = None
        self.duration = 10.0
        self.seen: list[Path] = []
        monkeypatch.setattr(setup_engine, "clip_counted", self.count)
        monkeypatch.setattr(setup_engine, "live_counted", self.live)
        monkeypatch.setattr(setup_engine, "still_from", self.still)

    def count(self, path: Path, drawing: Any, *, progress: Any, **_options: Any) -> dict[str, Any]:
        assert path.is_file()
        self.seen.append(path)
        progress(5.0, self.duration)
        if self.error:
            raise self.error
        return dict(RESULT)

    def live(self, addresses: list[str], drawing: Any, **_options: Any) -> dict[str, Any]:
        if self.error:
            raise self.error
        return dict(RESULT)

    def still(self, source: Any, **_options: Any) -> StillPicture:
        if self.error:
            raise self.error
        return StillPicture(b"RIFF----WEBP", 1280, 720)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    return Engine(monkeypatch)


@pytest.fixture
def camera() -> Camera:
    camera = make_camera(make_market(unit=make_unit()))
    make_gate(camera, key="cua", name="Cửa Chính")
    make_layout(camera)
    return camera


def upload(camera: Camera, *, actor: Any = None, name: str = "cua.mp4", data: bytes = MP4) -> Clip:
    return clip_upload(actor=actor, camera=camera, file=SimpleUploadedFile(name, data), now=timezone.now())


def files() -> list[str]:
    return sorted(path.name for path in store.private_folder(store.CLIPS).iterdir())


@pytest.fixture(autouse=True)
def _empty_store() -> None:
    for kind in store.FOLDERS:
        for path in store.private_folder(kind).iterdir():
            path.unlink()


# --- taking in ---


@pytest.mark.parametrize(
    ("name", "data", "ending"),
    [
        ("a.mp4", MP4, "mp4"), ("A.MKV", b"\x1a\x45\xdf\xa3....", "mkv"), ("a.avi", b"RIFF....AVI LIST", "avi"),
        ("a.ts", (b"\x47" + b"\0" * 187) * 3, "ts"), ("a.m2ts", (b"\0\0\0\0\x47" + b"\0" * 187) * 3, "ts"),
        ("a.mp4", b"#EXTM3U\nfile:///etc/passwd", None), ("a.mp4", b"ffconcat version 1.0\nfile /etc/passwd", None),
        ("a.exe", MP4, None), ("a.mp4", b"", None), ("a.avi", b"RIFF....WAVEfmt ", None), ("a.mp4", b"<svg onload=alert(1)>", None),
        ("a.sdp", MP4, None), ("mp4", MP4, None),
    ],
)  # fmt: skip
def test_recordings_are_told_by_their_bytes(name: str, data: bytes, ending: str | None) -> None:
    assert clip_ending(name, data) == ending


def test_an_upload_is_private(camera: Camera) -> None:
    clip = upload(camera, name="../../etc/cua chính.mp4")
    (name,) = files()
    assert (
        clip.name == name
        and clip.title == "cua chính.mp4"
        and clip.delete_by - clip.uploaded_at == timedelta(hours=24)
    )
    path = store.private_path(store.CLIPS, name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_is_not_taken_in_leaves_nothing(camera: Camera, settings: Any) -> None:
    with pytest.raises(ClipRefusedError, match="không phải đoạn ghi hình"):
        upload(camera, data=b"#EXTM3U")
    with pytest.raises(SetupPermissionError):
        upload(camera, actor=make_member(Role.UNIT_HEAD, camera.market.unit))
    with pytest.raises(SetupPermissionError):
        upload(camera, actor=make_member(Role.MARKET_MANAGER))
    settings.KHCN = settings.KHCN.model_copy(update={"clip_max_mb": 0})
    with pytest.raises(ClipRefusedError, match="quá mức"):
        upload(camera)
    assert files() == [] and not Clip.objects.exists()


def test_one_test_at_a_time(camera: Camera) -> None:
    upload(camera)
    with pytest.raises(ClipBusyError):
        upload(camera)
    assert len(files()) == 1


# --- every way out deletes the file ---


def test_a_good_run_keeps_numbers_only(camera: Camera, engine: Engine) -> None:
    clip = upload(camera)
    clip_run(clip.pk)
    clip.refresh_from_db()
    assert (clip.state, clip.name, files()) == (ClipState.DONE, "", [])
    assert clip.result["crossings"][0]["gate"] == "cua" and not engine.seen[0].exists()
    assert Job.objects.get(pk=clip.job_id).state == JobState.DONE
    closed = AuditEvent.objects.get(action="markets.clip.close")
    assert closed.after["file_deleted"] is True
    clip_run(clip.pk)  # a second worker finds nothing to do
    assert len(engine.seen) == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (EngineRefusedError("Tệp hỏng nặng."), "Tệp hỏng nặng."),
        (MemoryError(), "lỗi của hệ thống"),
        (ValueError("x"), "lỗi của hệ thống"),
    ],
)
def test_a_failed_run_deletes_too(camera: Camera, engine: Engine, error: BaseException, words: str) -> None:
    engine.error = error
    Still.objects.create(camera=camera, name="x.webp", width=1, height=1, made_at=NOW)
    clip = upload(camera)
    clip_run(clip.pk)
    clip.refresh_from_db()
    assert clip.state == ClipState.FAILED and words in clip.message and files() == []
    assert Job.objects.get(pk=clip.job_id).state == JobState.FAILED


def test_a_stopped_worker_deletes_on_its_way_out(camera: Camera, engine: Engine) -> None:
    engine.error = KeyboardInterrupt()
    Still.objects.create(camera=camera, name="x.webp", width=1, height=1, made_at=NOW)
    clip = upload(camera)
    with pytest.raises(KeyboardInterrupt):
        clip_run(clip.pk)
    assert files() == []


def test_a_long_recording_is_stopped(camera: Camera, engine: Engine) -> None:
    engine.duration = 3 * 3600
    clip = upload(camera)
    clip_run(clip.pk)
    clip.refresh_from_db()
    assert "dài hơn 60 phút" in clip.message and files() == []


def test_what_a_killed_worker_left_goes(camera: Camera) -> None:
    clip = upload(camera)
    Clip.objects.filter(pk=clip.pk).update(state=ClipState.RUNNING)
    assert clips_sweep(timezone.now()) == 0  # its job still waits or runs
    Job.objects.filter(pk=clip.job_id).update(state=JobState.INTERRUPTED, finished_at=timezone.now())
    assert clips_sweep(timezone.now()) == 1
    clip.refresh_from_db()
    assert (clip.state, clip.name, files()) == (ClipState.FAILED, "", [])


def test_after_a_day_it_goes_whatever_the_job_says(camera: Camera) -> None:
    clip = upload(camera)
    later = timezone.now() + timedelta(hours=24, minutes=1)
    assert pictures_expire(later).clips == 1
    clip.refresh_from_db()
    assert clip.name == "" and files() == []


def test_cut_off_uploads_of_the_web_server_go(tmp_path: Path, settings: Any) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    old, new = tmp_path / "a.upload.mp4", tmp_path / "b.upload.mp4"
    for path in (old, new):
        path.write_bytes(b"x")
    day = (timezone.now() - timedelta(hours=25)).timestamp()
    os.utime(old, (day, day))
    assert clips_sweep(timezone.now()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["b.upload.mp4"]


# --- stills ---


def test_the_first_clip_makes_the_still(camera: Camera, engine: Engine) -> None:
    camera.layouts.all().delete()
    clip = upload(camera)
    clip_run(clip.pk)
    clip.refresh_from_db()
    still = Still.objects.get(camera=camera)
    assert clip.state == ClipState.DONE and clip.result == {} and not engine.seen
    assert (still.width, still.height) == (1280, 720)
    mode = store.private_path(store.STILLS, still.name).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_recording_too_short_for_a_still_is_counted_all_the_same(
    camera: Camera, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def too_short(*args: Any, seconds: float, **kwargs: Any) -> Any:
        asked.append(seconds)
        raise setup_engine.EngineRefusedError("quá ngắn", code="still-too-few")

    monkeypatch.setattr(setup_engine, "still_from", too_short)
    clip = upload(camera)
    clip_run(clip.pk)
    clip.refresh_from_db()
    assert (clip.state, asked, Still.objects.count()) == (ClipState.DONE, [60, 10], 0)


def test_a_new_still_takes_the_place_of_the_old(
    camera: Camera, django_capture_on_commit_callbacks: Any
) -> None:
    first = still_keep(camera=camera, picture=StillPicture(b"1", 8, 8), now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        second = still_keep(camera=camera, picture=StillPicture(b"2", 9, 9), now=NOW)
    assert [path.name for path in store.private_folder(store.STILLS).iterdir()] == [
        second.name
    ] and first.name != second.name


def test_a_still_from_the_camera_is_a_job(camera: Camera, engine: Engine) -> None:
    actor = make_member(Role.MARKET_MANAGER, camera.market.unit)
    with pytest.raises(NoAddressError):
        still_request(actor=actor, camera=camera, now=NOW)
    from khcn.markets.camera_sources import seal_addresses

    camera.sealed_sources = seal_addresses(["rtsp://a:b@192.168.1.2/1"])
    camera.save()
    job = still_request(actor=actor, camera=camera, now=NOW)
    still_run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE and Still.objects.filter(camera=camera).exists()
    assert "a:b" not in str(vars(job))


def test_a_still_is_given_to_those_who_set_up_and_to_no_cache(client: Client, camera: Camera) -> None:
    still_keep(camera=camera, picture=StillPicture(b"RIFF----WEBP", 1280, 720), now=NOW)
    path = f"{ROOT}camera/{camera.pk}/anh-nen/"
    client.force_login(make_member(Role.MARKET_MANAGER, camera.market.unit))
    answer = client.get(path)
    assert answer.status_code == 200 and b"".join(answer.streaming_content) == b"RIFF----WEBP"  # type: ignore[attr-defined]
    assert "no-store" in answer["Cache-Control"] and answer["Content-Security-Policy"].startswith(
        "default-src 'none'"
    )
    client.force_login(make_member(Role.UNIT_HEAD, camera.market.unit))
    assert client.get(path).status_code == 403
    client.force_login(make_member(Role.LIBRARIAN))
    assert client.get(path).status_code == 404


# --- pages ---


def test_the_pages_of_a_test(client: Client, camera: Camera, engine: Engine) -> None:
    actor = make_member(Role.MARKET_MANAGER, camera.market.unit)
    client.force_login(actor)
    bad = client.post(f"{ROOT}camera/{camera.pk}/thu/", {"clip": SimpleUploadedFile("a.mp4", b"#EXTM3U")})
    assert bad.status_code == 200 and "không phải đoạn ghi hình" in bad.content.decode()
    answer = client.post(f"{ROOT}camera/{camera.pk}/thu/", {"clip": SimpleUploadedFile("cua.mp4", MP4)})
    clip = Clip.objects.get()
    assert answer["Location"] == f"{ROOT}doan/{clip.pk}/"
    assert "hx-get" in client.get(f"{ROOT}doan/{clip.pk}/").content.decode()
    clip_run(clip.pk)
    html = client.get(f"{ROOT}doan/{clip.pk}/").content.decode()
    assert "Cửa Chính: lượt vào" in html and "Quá tối" in html and "Tệp đã được xóa." in html
    client.force_login(make_member(Role.MARKET_MANAGER))
    assert client.get(f"{ROOT}doan/{clip.pk}/").status_code == 404


def test_a_minute_at_the_camera(camera: Camera, engine: Engine) -> None:
    from khcn.markets.camera_sources import seal_addresses

    with pytest.raises(NoAddressError):
        clip_live(actor=None, camera=camera, now=timezone.now())
    camera.sealed_sources = seal_addresses(["rtsp://a:b@192.168.1.2/1"])
    camera.save()
    clip = clip_live(actor=None, camera=camera, now=timezone.now())
    clip_run(clip.pk)
    clip.refresh_from_db()
    assert clip.state == ClipState.DONE and clip.result["frames"] == 50 and files() == []


def test_names_of_the_store_come_from_the_store() -> None:
    for bad in ("../db.sqlite3", "/etc/passwd", "a/b.mp4", "", "..", "A.mp4"):
        with pytest.raises(ValueError, match="not a name"):
            store.private_path(store.CLIPS, bad)
    with pytest.raises(ValueError, match="expected"):
        store.private_folder("frames")
