"""``khcn up``: everything in one terminal - database, demo content, web site and worker."""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from khcn.core.prepare import ensure_ready
from khcn.markets.selectors.box_config import counting_wanted
from khcn.web.sign_ins import sign_in_lines

STOP_SECONDS = 10
SITE_SECONDS = 300.0  # how long the web part may take to answer for the first time
WATCH_LOOK_SECONDS = 60.0  # how often to look whether cameras are to be counted here


class Command(BaseCommand):
    """Prepare the data folder, then run the web site and the worker until stopped."""

    help = "Chạy toàn bộ hệ thống / run the whole system"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-demo", action="store_true", help="không nạp nội dung mẫu / no demo content")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the parts, tell where they are, and end them together."""
        ensure_ready(self.say)
        port = options["port"]
        commands = {"web": ("web", "--port", str(port)), "worker": ("worker",), "watch": ("markets", "watch")}
        parts = {name: self.start(*commands[name]) for name in ("web", "worker")}
        stopping = False

        def stop(*_: object) -> None:
            nonlocal stopping
            stopping = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        demo = None
        if not settings.KHCN.production and not options["no_demo"]:
            demo = self.start("demo")
        try:
            self.wait_for_site(port, parts["web"])
            self.announce(port)
            watch_at = time.monotonic() + STOP_SECONDS
            while not stopping:
                time.sleep(0.3)
                if "watch" not in parts and time.monotonic() >= watch_at:
                    watch_at = time.monotonic() + WATCH_LOOK_SECONDS
                    if counting_wanted():
                        parts["watch"] = self.start(*commands["watch"])
                if demo is not None and demo.poll() is not None:
                    if demo.returncode:
                        self.say("Chưa nạp được hết nội dung mẫu; chạy lại 'khcn demo' để thử lần nữa.")
                    demo = None
                for name, part in list(parts.items()):
                    if part.poll() is not None and not stopping:
                        if name == "web":
                            raise CommandError(f"Trang web đã dừng (mã {part.returncode}).")
                        if name == "watch":  # never the others' trouble: it is tried again at the next look
                            del parts["watch"]
                            self.say(
                                f"Phần đếm khách đã dừng (mã {part.returncode}), sẽ thử lại sau một phút."
                            )
                            continue
                        self.say(f"{name} đã dừng (mã {part.returncode}), đang chạy lại…")
                        time.sleep(1)
                        parts[name] = self.start(*commands[name])
        finally:
            self.stop_all([*parts.values(), *([demo] if demo else [])])

    def say(self, text: str) -> None:
        """Write one line for the person at the terminal."""
        self.stderr.write(text)
        self.stderr.flush()

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        """Start one part as a process of its own."""
        return subprocess.Popen([sys.executable, "-m", "khcn.cli", *command], stdin=subprocess.DEVNULL)

    def wait_for_site(self, port: int, web: "subprocess.Popen[bytes]") -> None:
        """Wait until the site answers (five minutes at most: a first start on a small, busy machine is slow)."""
        deadline = time.monotonic() + SITE_SECONDS
        while time.monotonic() < deadline:
            if web.poll() is not None:
                raise CommandError(
                    f"Trang web không chạy được. Có thể cổng {port} đang bận: thử 'make run PORT={port + 1}'."
                )
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise CommandError("Trang web chưa trả lời sau năm phút; chạy 'khcn doctor' để xem vì sao.")

    def announce(self, port: int) -> None:
        """Print the address and, in a demo, the sign-ins."""
        self.say("")
        self.say(f"  khcn đang chạy tại  http://127.0.0.1:{port}/   (Ctrl+C để dừng)")
        if not settings.KHCN.production:
            for line in sign_in_lines():
                self.say(f"  {line}")
        self.say("")

    def stop_all(self, parts: "list[subprocess.Popen[bytes]]") -> None:
        """End every part; kill what has not ended in time."""
        for part in parts:
            if part.poll() is None:
                part.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for part in parts:
            try:
                part.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                part.kill()
