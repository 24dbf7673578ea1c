"""``python -m khcn.engines.vision``: counting without the web site. With --json: one document on standard output."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from khcn.engines.vision.detect.store import default_store
from khcn.engines.vision.errors import VisionError
from khcn.engines.vision.runs import run_analyse, run_evaluate, run_health, run_models, run_probe
from khcn.engines.vision.sources.address import scrub
from khcn.engines.vision.types import Size


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    root = argparse.ArgumentParser(
        prog="python -m khcn.engines.vision",
        description="Đếm khách qua cổng và trong khu vực từ đoạn hình hoặc camera. Không lưu hình, không nhận mặt.",
    )
    root.add_argument("--data-dir", type=Path, help="thư mục dữ liệu (chứa models/); mặc định KHCN_DATA_DIR")
    deeds = root.add_subparsers(dest="deed", required=True, metavar="LỆNH")
    one = deeds.add_parser("analyse", help="đếm trong một đoạn hình")
    one.add_argument("video")
    one.add_argument("--layout", type=Path, required=True, help="tệp JSON có cổng (gates) và khu vực (zones)")
    one.add_argument(
        "--out", type=Path, help="ghi kết quả vào tệp này; chạy lại cùng lệnh để làm tiếp khi bị ngắt"
    )
    _counting(one, fps=5.0)
    two = deeds.add_parser("evaluate", help="so kết quả đếm với đáp án")
    two.add_argument("video")
    two.add_argument("--truth", type=Path, required=True, help="tệp đáp án dạng MOT")
    two.add_argument("--format", default="mot15", help="mot15, mot16, mot17 hoặc mot20")
    two.add_argument("--layout", type=Path, required=True)
    _counting(two, fps=10.0)
    three = deeds.add_parser("models", help="các mô hình có trên máy này")
    three.add_argument("--json", action="store_true")
    for name, text, seconds in (
        ("probe", "xem một nguồn hình là gì: mã hóa, cỡ, tốc độ", 5.0),
        ("health", "xem camera có bị che, mờ, tối, đứng hình hay xê dịch không", 30.0),
    ):
        watch = deeds.add_parser(name, help=text)
        watch.add_argument(
            "source", help="tệp, rtsp://…, http://… ; “-” để đọc địa chỉ từ bàn phím (giữ kín mật khẩu)"
        )
        watch.add_argument("--seconds", type=float, default=seconds)
        watch.add_argument("--transport", choices=["tcp", "udp"], default="tcp")
        watch.add_argument("--json", action="store_true")
    return root


def _counting(deed: argparse.ArgumentParser, *, fps: float) -> None:
    deed.add_argument("--model", help="tên mô hình; bỏ trống: mô hình đi kèm")
    deed.add_argument("--fps", type=float, default=fps, help="số hình xem mỗi giây, có thể là số lẻ như 2.5")
    deed.add_argument("--size", help="cỡ đầu vào của mô hình, ví dụ 672x384")
    deed.add_argument("--threads", type=int, default=1)
    deed.add_argument("--json", action="store_true", help="in một tài liệu JSON ra đầu ra chuẩn")


def _size(text: str | None) -> Size | None:
    if not text:
        return None
    width, _, height = text.lower().partition("x")
    return Size(int(width), int(height))


class _Bar:
    """Progress on standard error, one line, at most once a percent."""

    def __init__(self) -> None:
        self.shown = -1

    def __call__(self, done: float, total: float | None) -> None:
        step = int(100 * done / total) if total else int(done / 10)
        if step != self.shown and sys.stderr.isatty():
            self.shown = step
            text = f"{min(step, 100)} %" if total else f"{done:.0f} giây"
            print(f"\rĐã xem {text}  ", end="", file=sys.stderr, flush=True)  # noqa: T201  # a command


def run(args: argparse.Namespace) -> Any:
    """Do what the command line says; return what is to be printed."""
    data = args.data_dir or (Path(os.environ["KHCN_DATA_DIR"]) if os.environ.get("KHCN_DATA_DIR") else None)
    if args.deed in {"probe", "health"}:
        source = sys.stdin.readline().strip() if args.source == "-" else args.source
        deed = run_probe if args.deed == "probe" else run_health
        return deed(source, seconds=args.seconds, transport=args.transport)
    store = default_store(data)
    if args.deed == "models":
        return run_models(store)
    common: dict[str, Any] = {
        "fps": args.fps,
        "size": _size(args.size),
        "threads": args.threads,
        "progress": _Bar(),
    }
    if args.deed == "evaluate":
        return run_evaluate(
            args.video, args.truth, args.layout, store, args.model, form=args.format, **common
        )
    return run_analyse(args.video, args.layout, store, args.model, out=args.out, **common).as_json()


def shown(deed: str, found: Any) -> str:
    """Return the result for a person."""
    if deed == "analyse":
        lines = [f"Mô hình {found['model']}: {found['frames']} hình, {found['seconds_video']:.0f} giây."]
        for gate in found.get("gates", ()):
            lines.append("Cổng " + ", ".join(f"{key}: {value}" for key, value in gate.items()))
        lines += [f"Camera: {event['kind']} từ {event['start']:.0f} giây" for event in found["health"]]
        return "\n".join(lines)
    return json.dumps(found, ensure_ascii=False, indent=1)


def main(argv: list[str] | None = None) -> int:
    """Run one command; 1 when it failed."""
    args = parser().parse_args(argv)
    try:
        found = run(args)
    except VisionError as error:
        print(scrub(str(error)), file=sys.stderr)  # noqa: T201
        if getattr(args, "json", False):
            print(json.dumps({"error": error.code, "message": scrub(str(error))}, ensure_ascii=False))  # noqa: T201
        return 1
    except ValueError as error:
        print(f"Tham số sai: {scrub(str(error))}", file=sys.stderr)  # noqa: T201
        return 2
    print(json.dumps(found, ensure_ascii=False) if args.json else shown(args.deed, found))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
