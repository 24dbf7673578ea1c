"""The one door from the set-up to the vision engine. Only workers walk through it: web processes load no decoder.

Every function connects or decodes in the engine's own child process; what is wrong comes back as a sentence.
"""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.engines.vision.errors import SourceError, VisionError
from khcn.engines.vision.messages import TEMPLATES

Progress = Callable[[float, float | None], None]


class EngineRefusedError(KhcnError):
    """The vision engine could not do it; the sentence is its own, without secrets."""

    code = "vision"


class EngineMissingError(KhcnError):
    """The libraries that read video are not installed on this machine."""

    code = "vision-missing"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Máy chủ này chưa cài phần đọc video nên chưa làm được ảnh nền và chưa phân tích được đoạn ghi hình. "
                "Hãy nhờ quản trị cài thêm phần “markets” rồi thử lại."
            )
        )


@dataclass(frozen=True, slots=True)
class StillPicture:
    """An encoded still: the bytes of a WebP picture and its size."""

    data: bytes
    width: int
    height: int


@contextmanager
def _sentences() -> Generator[None, None, None]:
    """Turn the engine's errors into sentences for people."""
    try:
        yield
    except VisionError as error:
        raise EngineRefusedError(_(TEMPLATES[error.code]) % error.params, code=error.code) from error
    except ImportError as error:
        raise EngineMissingError from error


def still_from(
    source: Sequence[str] | Path, *, model: str, seconds: float, progress: Progress | None = None
) -> StillPicture:
    """Return the median background of a camera (its addresses) or a recording (a path): blurred, nobody visible."""
    with _sentences():
        from khcn.engines.vision.privacy import setup_still  # noqa: PLC0415  # workers only

        image: Any = setup_still(_spec(source), _detector(model), seconds=seconds, progress=progress)
        return _encoded(image, quality=70)


def clip_counted(
    path: Path, drawing: dict[str, Any], *, model: str, fps: float, progress: Progress
) -> dict[str, Any]:
    """Count in a recording; return the engine's RESULT.json."""
    with _sentences():
        from khcn.engines.vision.layout import parse_layout  # noqa: PLC0415  # beside the engine
        from khcn.engines.vision.pipeline import analyse  # noqa: PLC0415  # workers only

        result = analyse(path, parse_layout(drawing), _detector(model), fps=fps, progress=progress)
        return result.as_json()


def live_counted(
    addresses: Sequence[str],
    drawing: dict[str, Any],
    *,
    model: str,
    fps: float,
    seconds: float,
    progress: Progress,
) -> dict[str, Any]:
    """Count for some seconds at a camera, in memory; return the same form as :func:`clip_counted`."""
    with _sentences():
        from khcn.engines.vision.chain import Chain, ChainSettings  # noqa: PLC0415  # workers only
        from khcn.engines.vision.layout import parse_layout  # noqa: PLC0415
        from khcn.engines.vision.pipeline import AnalysisResult  # noqa: PLC0415
        from khcn.engines.vision.sources.reader import Ended, Reader, Sample  # noqa: PLC0415
        from khcn.engines.vision.sources.spec import camera  # noqa: PLC0415

        layout, detector = parse_layout(drawing), _detector(model)
        spec = camera(list(addresses), fps=fps, idle=False)
        found, chain, first, begun = AnalysisResult(detector.name), None, None, time.monotonic()
        with Reader(spec, detector.working_size) as reader:
            while time.monotonic() - begun < seconds + spec.open_s + spec.silence_s:
                message = reader.next(5.0)
                if isinstance(message, Ended):
                    break
                if not isinstance(message, Sample):
                    continue
                chain = chain or Chain(detector, layout, message.frame.source, ChainSettings(fps=fps))
                first = message.frame.t if first is None else first
                found.seconds_video = message.frame.t - first
                found.frames += 1
                for step in chain.see(message.frame, quiet=message.quiet)[1]:
                    found.crossings += step.crossings
                progress(found.seconds_video, seconds)
                if found.seconds_video >= seconds:
                    break
        if chain is None:
            raise SourceError("source-empty", name=spec.name)
        steps, late = chain.finish()
        found.crossings += [crossing for step in steps for crossing in step.crossings] + late
        found.scene, found.health = chain.scene.result().as_json(), list(chain.monitor.events)
        return found.as_json()


def _spec(source: Sequence[str] | Path) -> Any:
    from khcn.engines.vision.sources.spec import camera, recording  # noqa: PLC0415  # workers only

    return recording(source) if isinstance(source, Path) else camera(list(source))


def _detector(model: str) -> Any:
    from khcn.engines.vision.detect.factory import make_detector  # noqa: PLC0415  # workers only
    from khcn.engines.vision.detect.store import default_store  # noqa: PLC0415  # workers only

    return make_detector(default_store(settings.KHCN.data_dir), model or None)


def _encoded(image: Any, *, quality: int) -> StillPicture:
    from io import BytesIO  # noqa: PLC0415  # beside its only use

    from PIL import Image  # noqa: PLC0415  # workers only

    height, width = image.shape[:2]
    sink = BytesIO()
    Image.fromarray(image[:, :, ::-1]).save(sink, "WEBP", quality=quality, method=4)
    return StillPicture(sink.getvalue(), width, height)
