"""Old binary Office files, turned into OpenDocument by headless LibreOffice, which keeps the font names.

LibreOffice runs with a profile of its own per file, with macros and active content switched off, without network
(own network namespace where the system allows one, a dead proxy everywhere), inside the worker's process group.
"""

import contextlib
import functools
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from khcn.engines.documents.extractors.base import Context, RawPage
from khcn.engines.documents.extractors.odf import OdfExtractor
from khcn.engines.documents.types import ExtractionError

_TARGETS: Final = {"doc": "odt", "xls": "ods", "ppt": "odp"}
_ADDRESS_SPACE: Final = 6 * 1024**3
_SETTINGS: Final = (
    ("/org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    ("/org.openoffice.Office.Common/Misc", "FirstRun", "false"),
    ("/org.openoffice.Office.Recovery/RecoveryInfo", "Enabled", "false"),
    ("/org.openoffice.Inet/Settings", "ooInetProxyType", "2"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)


class OfficeExtractor:
    """Reads .doc, .xls and .ppt."""

    kinds = frozenset(_TARGETS)

    def extract(self, path: Path, context: Context) -> Iterator[RawPage]:
        converted = convert(path, context.kind, _TARGETS[context.kind], context.scratch)
        inner = replace(context, kind=_TARGETS[context.kind])
        try:
            yield from OdfExtractor().extract(converted, inner)
        finally:
            context.title, context.total_pages = inner.title, inner.total_pages
            converted.unlink(missing_ok=True)


def convert(path: Path, kind: str, target: str, scratch: Path) -> Path:
    """Convert an Office file to ``target`` inside ``scratch``. Raises ``missing_tool``, ``corrupt``."""
    program = shutil.which("soffice")
    if program is None:
        raise ExtractionError(
            "missing_tool", tool="LibreOffice", package="libreoffice-writer-nogui, libreoffice-calc-nogui"
        )
    source = scratch / f"input.{kind}"
    with contextlib.suppress(FileExistsError):
        source.symlink_to(path)
    output = scratch / "out"
    profile = _profile(scratch)
    _call(
        [*_without_network(), program, "--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo",
         f"-env:UserInstallation={profile.as_uri()}", "--convert-to", target, "--outdir", str(output), str(source)]
    )  # fmt: skip
    converted = output / f"input.{target}"
    if not converted.exists():
        raise ExtractionError("corrupt", detail="LibreOffice could not open the file")
    _keep_profile(profile)
    return converted


def _call(command: list[str]) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE if hard < 0 else min(hard, _ADDRESS_SPACE), hard))
    try:
        # No timeout here: the parent kills the whole process group when the time is over.
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@functools.cache
def _without_network() -> tuple[str, ...]:
    """The command prefix that takes the network away, empty where the system does not allow it."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    prefix = (unshare, "--user", "--map-current-user", "--net")
    try:
        works = (
            subprocess.run([*prefix, "true"], capture_output=True, timeout=10, check=False).returncode == 0
        )
    except (OSError, subprocess.SubprocessError):
        works = False
    return prefix if works else ()


def _template() -> Path:
    """A profile made by this worker's first successful run; copying it saves a second a file."""
    return Path(os.environ["HOME"]) / "office-profile"


def _profile(scratch: Path) -> Path:
    profile = scratch / "profile"
    if _template().is_dir():
        shutil.copytree(_template(), profile)
        return profile
    user = profile / "user"
    user.mkdir(parents=True)
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{items}</oor:items>",
        encoding="utf-8",
    )
    return profile


def _keep_profile(profile: Path) -> None:
    if _template().exists():
        return
    making = _template().with_name("office-profile-new")
    shutil.copytree(profile, making, ignore=shutil.ignore_patterns(".lock", "*.pid"))
    making.rename(_template())
