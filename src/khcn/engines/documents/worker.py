"""The child process that touches untrusted files: ``python -m khcn.engines.documents.worker FD``.

It reads one JSON request a line from standard input and writes JSON events to descriptor FD. It never gets
pickled data, secrets or a terminal; the parent kills its whole process group when a limit is passed.
"""

import base64
import errno
import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from khcn.engines.documents.types import ExtractionError, Limits, Notice

Emit = Callable[[dict[str, Any]], None]


def main(arguments: list[str]) -> int:
    """Serve requests until standard input ends."""
    _die_with_parent()
    with os.fdopen(int(arguments[0]), "w", encoding="utf-8", buffering=65_536) as out:
        for line in sys.stdin:
            _serve(json.loads(line), out)
    return 0


def _die_with_parent() -> None:
    """End with everything this process started when the parent is gone (the parent's thread may end before it)."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os.killpg(os.getpgid(0), 9)

    threading.Thread(target=watch, daemon=True).start()


def _serve(request: dict[str, Any], out: TextIO) -> None:
    def emit(event: dict[str, Any]) -> None:
        # Unpaired surrogates in names or text of broken files must not break the pipe.
        out.write(json.dumps(event, ensure_ascii=True) + "\n")
        if event["event"] != "page":
            out.flush()

    limits = Limits(**request["limits"])
    _bound(limits)
    try:
        _JOBS[request["job"]](request, limits, emit)
    except ExtractionError as error:
        emit({"event": "error", "code": error.code, "params": error.params, "detail": error.detail[:2000]})
    except MemoryError:
        emit({"event": "error", "code": "memory", "params": {}, "detail": ""})
    except OSError as error:
        emit(_os_error(error))
    except RecursionError as error:
        emit({"event": "error", "code": "corrupt", "params": {}, "detail": f"nested too deep: {error}"})
    except Exception as error:
        emit(
            {
                "event": "error",
                "code": "corrupt",
                "params": {},
                "detail": f"{type(error).__name__}: {error}"[:2000],
            }
        )


def _os_error(error: OSError) -> dict[str, Any]:
    code = {
        errno.ENOSPC: "disk_full",
        errno.EDQUOT: "disk_full",
        errno.EFBIG: "bomb",
        errno.ENOMEM: "memory",
        errno.ENOENT: "missing",
        errno.EACCES: "missing",
    }.get(error.errno or 0, "corrupt")
    return {"event": "error", "code": code, "params": {}, "detail": str(error)[:2000]}


def _bound(limits: Limits) -> None:
    """Soft limits for this request; programs that need more address space raise them up to the hard limit."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime + limits.max_seconds) + 5
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    resource.setrlimit(resource.RLIMIT_AS, (limits.max_memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (limits.max_unpacked_bytes, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    )
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _extract(request: dict[str, Any], limits: Limits, emit: Emit) -> None:
    from khcn.engines.documents.pipeline import read_file  # noqa: PLC0415  (only this job needs the extractors)
    from khcn.engines.text.legacy import decode_text  # noqa: PLC0415

    reading = read_file(
        Path(request["path"]),
        request["name"],
        limits=limits,
        scratch=Path(request["scratch"]),
        options=request["options"],
    )
    last = time.monotonic()
    for page in reading.pages():
        emit({"event": "page", **asdict(page)})
        if time.monotonic() - last > 0.5:
            last = time.monotonic()
            emit({"event": "progress", "done": page.number, "total": reading.context.total_pages})
    emit(
        {
            "event": "done",
            "kind": reading.identity.kind,
            "mime": reading.identity.mime,
            "title": decode_text(reading.context.title).text,
            "metadata": {
                key: decode_text(str(value)).text for key, value in reading.context.metadata.items()
            },
            "needs_ocr": reading.needs_ocr,
            "notices": [_notice(notice) for notice in reading.notices],
        }
    )


def _notice(notice: Notice) -> dict[str, Any]:
    return {"code": notice.code, "pages": list(notice.pages), "params": dict(notice.params)}


def _ocr_page(request: dict[str, Any], limits: Limits, emit: Emit) -> None:
    from khcn.engines.documents.ocr import recognise_page  # noqa: PLC0415

    result = recognise_page(
        Path(request["path"]),
        request["page"],
        scratch=Path(request["scratch"]),
        languages=request["options"]["languages"],
        dpi=request["options"]["dpi"],
    )
    emit(
        {
            "event": "done",
            "text": result.text,
            "confidence": result.confidence,
            "rotation": result.rotation,
            "size": result.size,
            "tokens": result.tokens,
        }
    )


def _tokens(request: dict[str, Any], limits: Limits, emit: Emit) -> None:
    from khcn.engines.documents.pdf_words import pdf_tokens  # noqa: PLC0415

    found = pdf_tokens(Path(request["path"]), request["page"])
    emit({"event": "done", "size": [found.width, found.height], "tokens": found.tokens})


def _sheets(request: dict[str, Any], limits: Limits, emit: Emit) -> None:
    from khcn.engines.documents.pdf_words import sheets  # noqa: PLC0415

    found = sheets(Path(request["path"]), limits.max_pages)
    emit({"event": "done", "sizes": found.sizes, "outline": found.outline})


def _render(request: dict[str, Any], limits: Limits, emit: Emit) -> None:
    from khcn.engines.documents.render import render  # noqa: PLC0415

    data = render(
        Path(request["path"]), request["page"], scratch=Path(request["scratch"]), **request["options"]
    )
    emit({"event": "done", "data": base64.b64encode(data).decode("ascii")})


def _warm(request: dict[str, Any], limits: Limits, emit: Emit) -> None:
    emit({"event": "done", "pid": os.getpid()})


_JOBS: dict[str, Callable[[dict[str, Any], Limits, Emit], None]] = {
    "extract": _extract,
    "ocr_page": _ocr_page,
    "render": _render,
    "tokens": _tokens,
    "sheets": _sheets,
    "warm": _warm,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
