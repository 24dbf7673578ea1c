"""One blurred picture of a camera, made in a process of its own: the web process loads no decoder and no network.

The request comes by standard input, never by the command line, which every user of the machine may read; the picture
goes out by standard output. Nothing touches a disk. Django is not loaded.
"""

import json
import struct
import sys
from io import BytesIO
from pathlib import Path
from typing import Any, Final

REFUSED: Final = b"E"
PICTURE: Final = b"P"


def picture(asked: dict[str, Any]) -> bytes:
    """Return the WebP of one picture in which people, and what moves, are blurred beyond recognition."""
    from PIL import Image  # noqa: PLC0415  # only in this process

    from khcn.engines.vision.detect.factory import make_detector  # noqa: PLC0415
    from khcn.engines.vision.detect.store import default_store  # noqa: PLC0415
    from khcn.engines.vision.privacy import preview_frame  # noqa: PLC0415
    from khcn.engines.vision.sources.spec import camera  # noqa: PLC0415

    detector = make_detector(default_store(Path(asked["data_dir"])), asked["model"] or None)
    image = preview_frame(camera(asked["addresses"], fps=2.0), detector)
    sink = BytesIO()
    Image.fromarray(image[:, :, ::-1]).save(sink, "WEBP", quality=60)
    return sink.getvalue()


def main() -> None:
    """Read one request, write one answer: a letter, the length, the bytes."""
    from khcn.engines.vision.errors import VisionError  # noqa: PLC0415

    try:
        kind, answer = PICTURE, picture(json.load(sys.stdin))
    except VisionError as error:
        said = {"code": error.code, "params": {key: str(value) for key, value in error.params.items()}}
        kind, answer = REFUSED, json.dumps(said).encode()
    except ImportError:
        kind, answer = REFUSED, b'{"code": "missing", "params": {}}'
    sys.stdout.buffer.write(kind + struct.pack(">I", len(answer)) + answer)


if __name__ == "__main__":
    main()
