"""``khcn library text``: the text of a work, page by page."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from khcn.core.deeds import Deed, Out
from khcn.library.selectors.reading import work_text


def _add(parser: ArgumentParser) -> None:
    parser.add_argument("ident", help="id of the work, or its external id")
    parser.add_argument("--external", action="store_true", help="the id is the external one")


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    pages = work_text(options["ident"], external=options["external"])
    if options["json"]:
        out.write(json.dumps({"pages": pages}, ensure_ascii=False))
        return
    for page in pages:
        out.write(f"--- {page['page']} ---\n{page['text']}")


DEED = Deed("text", "print the text of a work, page by page", _add, _run)
