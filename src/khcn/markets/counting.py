"""``khcn markets models | analyse | evaluate | forecast``: deeds of the engines that need no database.

``khcn`` runs them without loading the web site (a second instead of three, nothing migrated, nothing written but what
was asked for); the management command of the same name offers the same deeds. With ``--json`` standard output holds
exactly one document; everything else goes to standard error, and a failure ends with a sentence and a status of 1.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from khcn.engines.flow.errors import FlowError
from khcn.engines.vision.errors import ModelError, VisionError

DEEDS: Final = frozenset({"models", "analyse", "evaluate", "forecast"})
Options = Mapping[str, Any]
_WIDTH = 28


class UsageError(Exception):
    """Options that do not go together; carries the sentence."""


def add_deeds(deeds: Any) -> None:
    """Add the parsers of the four deeds to ``deeds`` (what ``add_subparsers`` returned)."""
    _add_models(deeds.add_parser("models", help="models that find people: list, add, fetch, check"))
    analyse = deeds.add_parser("analyse", help="count in a recording")
    analyse.add_argument("video", metavar="VIDEO")
    analyse.add_argument("--layout", required=True, type=Path, help="JSON with gates and zones")
    analyse.add_argument(
        "--out", type=Path, help="write the result here; the same command resumes after a break"
    )
    analyse.add_argument(
        "--resume", type=Path, metavar="FILE", help="keep progress in FILE and go on from it"
    )
    analyse.add_argument("--restart", action="store_true", help="forget the progress of an earlier run")
    _add_counting(analyse, fps=5.0)
    evaluate = deeds.add_parser("evaluate", help="compare a count with a truth file")
    evaluate.add_argument("video", metavar="VIDEO")
    evaluate.add_argument("--truth", required=True, type=Path, help="truth file (MOT)")
    evaluate.add_argument("--format", default="mot15", choices=["mot15", "mot16", "mot17", "mot20"])
    evaluate.add_argument("--layout", required=True, type=Path, help="JSON with gates and zones")
    _add_counting(evaluate, fps=10.0)
    forecast = deeds.add_parser("forecast", help="forecast an hourly series, with its backtest")
    forecast.add_argument("--input", required=True, type=Path, help="CSV with a time column and counts")
    forecast.add_argument("--horizon", type=int, default=336, help="hours (default 336: 14 days)")
    forecast.add_argument("--column", help="which column, when the file has several")
    forecast.add_argument("--json", action="store_true")


def _add_counting(deed: argparse.ArgumentParser, *, fps: float) -> None:
    deed.add_argument("--model", help="name of a model (default: the packaged one)")
    deed.add_argument(
        "--fps", type=float, default=fps, help=f"pictures a second, may be a fraction ({fps:g})"
    )
    deed.add_argument("--size", help="input of the model, like 672x384")
    deed.add_argument("--threads", type=int, default=1)
    deed.add_argument("--json", action="store_true")


def _add_models(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(dest="model_deed", required=True)
    deeds.add_parser("list", help="models on this machine").add_argument("--json", action="store_true")
    add = deeds.add_parser("add", help="add a model from a file or a folder (OpenVINO IR, ONNX)")
    add.add_argument("path", type=Path, metavar="PATH")
    add.add_argument("--name", required=True)
    add.add_argument("--licence", help="its licence, when the file does not say")
    add.add_argument("--person-class", type=int, help="number of the class that is a person")
    add.add_argument("--threshold", type=float, help="score from which a person counts")
    add.add_argument("--accept-licence", action="store_true", help="the unit may use a model of this licence")
    add.add_argument("--json", action="store_true")
    fetch = deeds.add_parser("fetch", help="download a known model and check its published checksum")
    fetch.add_argument("name", metavar="NAME")
    fetch.add_argument("--json", action="store_true")
    check = deeds.add_parser("check", help="compare files with the checksums noted when they were added")
    check.add_argument("name", nargs="?", metavar="NAME")
    check.add_argument("--json", action="store_true")


def run_deed(options: Options, *, data_dir: Path, out: TextIO, err: TextIO) -> int:
    """Run the deed that ``options`` name; return the exit status."""
    deed: dict[str, Callable[[Options, Path, TextIO], tuple[Any, str, int]]] = {
        "models": _models,
        "analyse": _analyse,
        "evaluate": _evaluate,
        "forecast": _forecast,
    }
    try:
        document, text, status = deed[options["deed"]](options, data_dir, err)
    except (VisionError, FlowError, UsageError) as error:
        err.write(f"{_scrubbed(str(error))}\n")
        return 1
    except OSError as error:
        err.write(
            f"Không đọc hoặc ghi được {error.filename}: {error.strerror}. Hãy kiểm tra đường dẫn và quyền ghi.\n"
        )
        return 1
    except KeyboardInterrupt:
        err.write("\nĐã dừng. Chạy lại đúng lệnh này để làm tiếp.\n")
        return 130
    out.write((json.dumps(document, ensure_ascii=False) if options.get("json") else text) + "\n")
    out.flush()
    return status


def main(argv: Sequence[str], *, data_dir: Path) -> int:
    """Run ``khcn markets <deed> ...`` without Django; ``argv`` begins with the deed."""
    parser = argparse.ArgumentParser(prog="khcn markets")
    add_deeds(parser.add_subparsers(dest="deed", required=True))
    return run_deed(vars(parser.parse_args(argv)), data_dir=data_dir, out=sys.stdout, err=sys.stderr)


def _scrubbed(text: str) -> str:
    from khcn.engines.vision.sources.address import scrub  # noqa: PLC0415  # only needed for a failure

    return scrub(text)


class Bar:
    """Seconds of video done, on a terminal only, ten times a second at most."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._next, self._begun = stream, 0.0, time.monotonic()
        self._shown = False

    def __call__(self, done: float, total: float | None) -> None:
        """Show how far the work is."""
        now = time.monotonic()
        if now < self._next or not self._stream.isatty():
            return
        self._next, self._shown = now + 0.1, True
        share = min(1.0, done / total) if total else 0.0
        filled = int(share * _WIDTH)
        left = (now - self._begun) * (1 - share) / share if share > 0.02 else None
        rest = f", còn khoảng {left:.0f} giây" if left is not None else ""
        self._stream.write(
            f"\r[{'█' * filled}{'·' * (_WIDTH - filled)}] {share:4.0%}{rest}, đã xem {done:.0f} giây\x1b[K"
        )
        self._stream.flush()

    def close(self) -> None:
        """Leave the line of the bar."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def _common(options: Options, bar: Bar) -> dict[str, Any]:
    from khcn.engines.vision.types import Size  # noqa: PLC0415  # numpy only for deeds that count

    fps, size = options["fps"], None
    if not 0 < fps <= 60:
        raise UsageError("Số hình mỗi giây (--fps) phải lớn hơn 0 và không quá 60. Hãy dùng 5 hoặc 10.")
    if options["size"]:
        width, sep, height = options["size"].lower().partition("x")
        if not sep or not width.isdigit() or not height.isdigit() or not int(width) or not int(height):
            raise UsageError("Cỡ đầu vào (--size) phải có dạng RỘNGxCAO, ví dụ 672x384.")
        size = Size(int(width), int(height))
    return {"fps": fps, "size": size, "threads": max(1, options["threads"]), "progress": bar}


def _analyse(options: Options, data_dir: Path, err: TextIO) -> tuple[Any, str, int]:
    from khcn.engines.vision.detect.store import default_store  # noqa: PLC0415  # loads what only this deed needs
    from khcn.engines.vision.runs import run_analyse  # noqa: PLC0415

    out, state = options["out"], options["resume"]
    if state is None and out is not None:
        state = out.with_name(out.name + ".dang-do")
    if options["restart"] and state is not None:
        state.unlink(missing_ok=True)
    for folder in {path.resolve().parent for path in (out, state) if path is not None}:
        if not folder.is_dir():
            raise UsageError(f"Không có thư mục {folder} để ghi kết quả. Hãy tạo thư mục rồi chạy lại.")
    bar = Bar(err)
    common = _common(options, bar)
    try:
        found = run_analyse(
            options["video"],
            options["layout"],
            default_store(data_dir),
            options["model"],
            out=out,
            state=state,
            **common,
        ).as_json()
    finally:
        bar.close()
    return found, _analyse_text(found), 0


def _analyse_text(found: Mapping[str, Any]) -> str:
    counts: dict[str, dict[str, int]] = {}
    for crossing in found["crossings"]:
        gate = counts.setdefault(crossing["gate"], {"in": 0, "out": 0})
        gate[crossing["direction"]] += 1
    lines = [f"Mô hình {found['model']}: {found['frames']} hình, {found['seconds_video']:.0f} giây."]
    lines += [f"Cửa {gate}: vào {both['in']}, ra {both['out']}" for gate, both in sorted(counts.items())]
    for zone in found.get("zones", ()):
        lines.append(f"Khu {zone['id']}: {zone['entries']} lượt vào, {zone['person_seconds']:.0f} người-giây")
    lines += [f"Camera: {event['kind']} từ giây {event['start']:.0f}" for event in found.get("health", ())]
    return "\n".join(lines)


def _evaluate(options: Options, data_dir: Path, err: TextIO) -> tuple[Any, str, int]:
    from khcn.engines.vision.detect.store import default_store  # noqa: PLC0415  # loads what only this deed needs
    from khcn.engines.vision.runs import run_evaluate  # noqa: PLC0415

    bar = Bar(err)
    common = _common(options, bar)
    try:
        found = run_evaluate(
            options["video"],
            options["truth"],
            options["layout"],
            default_store(data_dir),
            options["model"],
            form=options["format"],
            **common,
        )
    finally:
        bar.close()
    return found, json.dumps(found, ensure_ascii=False, indent=1), 0


def _forecast(options: Options, _data_dir: Path, _err: TextIO) -> tuple[Any, str, int]:
    from khcn.engines.flow.forecast_io import forecast_csv  # noqa: PLC0415  # loads what only this deed needs

    found = forecast_csv(options["input"], options["horizon"], column=options["column"])
    return found, json.dumps(found, ensure_ascii=False, indent=1), 0


def _models(options: Options, data_dir: Path, err: TextIO) -> tuple[Any, str, int]:
    from khcn.engines.vision.detect.store import default_store  # noqa: PLC0415  # loads what only this deed needs

    store = default_store(data_dir)
    deed: dict[str, Callable[[Any, Options, TextIO], tuple[Any, str, int]]] = {
        "list": _models_list,
        "add": _models_add,
        "fetch": _models_fetch,
        "check": _models_check,
    }
    return deed[options["model_deed"]](store, options, err)


def _models_list(store: Any, _options: Options, _err: TextIO) -> tuple[Any, str, int]:
    from khcn.engines.vision.detect.manage import models_list  # noqa: PLC0415  # loads what only this deed needs

    rows = [listed.as_json() for listed in models_list(store)]
    lines = [_model_line(row) for row in rows if row["present"]] or [str(ModelError("model-none"))]
    offered = [row["name"] for row in rows if not row["present"] and row["fetchable"]]
    if offered:
        lines.append("Có thể tải thêm: " + ", ".join(offered))
    return {"models": rows}, "\n".join(lines), 0


def _model_line(entry: Mapping[str, Any]) -> str:
    mark = "*" if entry.get("default") else " "
    return (
        f"{mark} {entry['name']}: {entry['title']}, {entry['input'][0]} x {entry['input'][1]}, "
        f"giấy phép {entry['licence'] or '?'}. {entry['known']['text']} {entry['note']}".rstrip()
    )


def _models_add(store: Any, options: Options, _err: TextIO) -> tuple[Any, str, int]:
    from khcn.engines.vision.detect.add import models_add  # noqa: PLC0415  # loads what only this deed needs
    from khcn.engines.vision.detect.probe import Answers  # noqa: PLC0415

    answers = Answers(
        licence=options["licence"],
        person=options["person_class"],
        high=options["threshold"],
        accept_licence=options["accept_licence"],
    )
    found = models_add(store, options["path"], options["name"], answers).as_json()
    return found, _model_line(found), 0


def _models_check(store: Any, options: Options, err: TextIO) -> tuple[Any, str, int]:
    from khcn.engines.vision.detect.manage import models_check  # noqa: PLC0415  # loads what only this deed needs

    rows = [checked.as_json() for checked in models_check(store, options["name"])]
    for row in rows:
        if not row["ok"]:
            err.write(f"{row['problem']}\n")
    text = "\n".join(f"{row['name']}: {'nguyên vẹn' if row['ok'] else row['problem']}" for row in rows)
    return {"models": rows}, text, 0 if all(row["ok"] for row in rows) else 1


def _models_fetch(store: Any, options: Options, err: TextIO) -> tuple[Any, str, int]:
    from khcn.engines.vision.detect.fetch import models_fetch  # noqa: PLC0415  # loads what only this deed needs

    found = models_fetch(store, options["name"]).as_json()
    return found, _model_line(found), 0
