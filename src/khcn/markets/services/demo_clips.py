"""A film that the project draws itself, counted by the real pipeline: so a new installation shows real counting."""

import logging
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from khcn.core.errors import KhcnError
from khcn.core.tasks import enqueue_on_commit
from khcn.engines.vision.detect.store import default_store
from khcn.engines.vision.errors import VisionError
from khcn.markets.models import Camera, Clip
from khcn.markets.services.clips import clip_upload
from khcn.markets.tasks import demo_clip_task

logger = logging.getLogger("khcn.markets")

SECONDS: Final = 15
TITLE: Final = "cho-mau-minh-hoa.mp4"


def demo_clip_wanted(camera: Camera) -> bool:
    """Have the film made in the background; ``False`` when this machine cannot count or did already."""
    if not all(find_spec(name) for name in ("av", "openvino")) or Clip.objects.filter(camera=camera).exists():
        return False
    try:
        default_store(Path(settings.KHCN.data_dir)).default()
    except VisionError:
        return False
    enqueue_on_commit(demo_clip_task, camera.pk)
    return True


def demo_clip_make(camera_id: int) -> bool:
    """Draw the film in a process of low priority and hand it in like any upload; return whether it was."""
    camera = Camera.objects.select_related("market").get(pk=camera_id)
    if Clip.objects.filter(camera=camera).exists():
        return False
    with tempfile.TemporaryDirectory(prefix="khcn-demo-clip-") as folder:
        path = Path(folder) / TITLE
        command = [
            sys.executable,
            "-m",
            "khcn.engines.vision.render",
            "--seconds",
            str(SECONDS),
            "--out",
            str(path),
        ]
        try:
            subprocess.run(_gently(command), check=True, capture_output=True, timeout=600)
            film = SimpleUploadedFile(TITLE, path.read_bytes())
            clip_upload(actor=None, camera=camera, file=film, now=timezone.now())
        except (subprocess.SubprocessError, OSError, KhcnError):
            logger.exception("the demo's film could not be made; everything else works")
            return False
    return True


def _gently(command: list[str]) -> list[str]:
    """Return the command with the lowest priority, where the system can do that."""
    nice = shutil.which("nice")
    return [nice, "-n", "19", *command] if nice else command
