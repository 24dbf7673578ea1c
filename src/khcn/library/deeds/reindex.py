"""``khcn library reindex``: the search index anew, beside the live one."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khcn.core.deeds import Deed, Out
from khcn.library.imports.bar import ProgressBar
from khcn.library.services.imports import library_reindex


def _add(parser: ArgumentParser) -> None:
    """Take no options of its own."""


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    bar = ProgressBar()
    try:
        written = library_reindex(actor=None, progress=lambda done, total: bar(done, total, _("lập chỉ mục")))
    finally:
        bar.close()
    if options["json"]:
        out.write(json.dumps({"indexed": written}))
    else:
        out.write(
            ngettext(
                "Đã lập lại chỉ mục: %(count)s tài liệu.", "Đã lập lại chỉ mục: %(count)s tài liệu.", written
            )
            % {"count": written}
        )


DEED = Deed("reindex", "rebuild the search index beside the live one", _add, _run)
