"""``khcn markets models | analyse | evaluate | forecast | watch``: see ``docs/contract.md``."""

import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.core.prepare import ensure_ready
from khcn.core.secrets import seal, unseal
from khcn.engines.vision.errors import VisionError
from khcn.markets.counting import DEEDS, add_deeds, run_deed
from khcn.markets.selectors.box_config import DEFAULT_KEY

SEALED_FOR = "markets.box-config"
STUCK_STATUS = 75  # EX_TEMPFAIL: whoever looks after the process starts it anew


class Command(BaseCommand):
    """Counting from the command line. The first four deeds need no database, and ``khcn`` runs them without Django."""

    help = "models | analyse | evaluate | forecast | watch: counts visitors of market halls"
    requires_system_checks: list[str] = []  # the checks cost half a second; `khcn doctor` runs them

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the deed and its options."""
        deeds = parser.add_subparsers(dest="deed", required=True)
        add_deeds(deeds)
        watch = deeds.add_parser("watch", help="count with the cameras of a box, day and night")
        watch.add_argument("--box", default=DEFAULT_KEY, help=f"key of the box (default: {DEFAULT_KEY})")
        watch.add_argument(
            "--centre", metavar="URL", help="send to this site over HTTPS, not to the own database"
        )
        watch.add_argument("--token-file", type=Path, help="file with the token of the box, for --centre")
        watch.add_argument("--health-port", type=int, help="GET http://127.0.0.1:PORT/health")
        watch.add_argument(
            "--model", help="model for cameras without one of their own (default: the packaged one)"
        )
        watch.add_argument("--threads", type=int, default=1, help="threads of the model for each camera")
        watch.add_argument(
            "--reload", type=float, default=30.0, help="seconds between looks at the configuration"
        )
        watch.add_argument("--seconds", type=float, help="stop after so long (trials)")
        watch.add_argument("--json", action="store_true", help="print the last status as one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one deed; an error for people is one line on standard error and exit code 1."""
        if options["deed"] in DEEDS:
            status = run_deed(
                options,
                data_dir=Path(settings.KHCN.data_dir),
                out=getattr(self.stdout, "_out", sys.stdout),
                err=getattr(self.stderr, "_out", sys.stderr),
            )
        else:
            status = self._watch(options)
        if status:
            raise SystemExit(status)

    def _watch(self, options: dict[str, Any]) -> int:
        try:
            return self._watch_until_told(options)
        except KhcnError as error:
            self._say(error.message)
        except VisionError as error:
            self._say(str(error))
        except ImportError as error:
            self._say(
                _("Máy này chưa cài phần đếm khách (thiếu %(name)s). Hãy cài khcn[markets] rồi chạy lại.")
                % {"name": error.name}
            )
        return 1

    def _watch_until_told(self, options: dict[str, Any]) -> int:
        from khcn.engines.vision.detect.store import default_store  # noqa: PLC0415  # heavy, for this deed only
        from khcn.markets.centres import LocalCentre, RemoteCentre, WatchError  # noqa: PLC0415
        from khcn.markets.watching import Centre, Watch, WatchSettings  # noqa: PLC0415

        logging.basicConfig(
            stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
        )
        centre: Centre
        if options["centre"]:
            if options["token_file"] is None:
                raise WatchError(_("Hãy chỉ ra tệp khóa của máy đếm bằng --token-file."))
            settings.KHCN.prepare()
            centre = RemoteCentre(options["centre"], _token(options["token_file"]))
            name = "centre"
        else:
            ensure_ready()
            centre, name = LocalCentre(options["box"]), options["box"]
        watch = Watch(
            centre,
            default_store(Path(settings.KHCN.data_dir)),
            WatchSettings(
                folder=Path(settings.KHCN.data_dir) / "spool" / "markets" / name,
                threads=max(1, options["threads"]),
                reload_s=max(0.2, options["reload"]),
                health_port=options["health_port"],
                model=options["model"],
                seal=lambda text: seal(text, purpose=SEALED_FOR),
                unseal=lambda text: unseal(text, purpose=SEALED_FOR),
            ),
        )
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_args: stop.set())
        if options["seconds"]:
            timer = threading.Timer(options["seconds"], stop.set)
            timer.daemon = True
            timer.start()
        self._say(_("Đang đếm bằng máy %(name)s. Dừng bằng Ctrl+C.") % {"name": name})
        sound = watch.run(stop)
        if options["json"]:
            self.stdout.write(json.dumps(watch.last_status or watch.status(), ensure_ascii=False))
            self.stdout.flush()
        if not sound:  # a thread hangs in native code: nothing but leaving at once helps
            sys.stderr.flush()
            os._exit(STUCK_STATUS)
        return 0

    def _say(self, text: str) -> None:
        self.stderr.write(text, self.style.NOTICE)


def _token(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KhcnError(
            _("Không đọc được tệp khóa %(path)s. Hãy kiểm tra đường dẫn và quyền đọc.") % {"path": path},
            code="token-file",
        ) from error
