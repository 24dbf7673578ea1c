#!/usr/bin/env python3
"""Message catalogues: compile them, and check that nothing is missing.

Source strings are Vietnamese (see docs/adr/0002), so the English catalogue must hold every one of them, and the
Vietnamese catalogue holds what other packages leave untranslated.

    messages.py compile   write .mo files beside the .po files (polib; never committed). The Vietnamese one also
                          gets every source string as it is: where English is the default language, Django would
                          otherwise show the English one to Vietnamese readers.
    messages.py update    collect the strings of the code into locale/en (needs gettext)
    messages.py check     fail when a string has no English, a placeholder differs, or a .po is stale
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

SOURCE = Path(__file__).resolve().parents[1] / "src" / "khcn"
LOCALE = SOURCE / "locale"
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]*\}|%[sd]")


ENGLISH = LOCALE / "en/LC_MESSAGES/django.po"
VIETNAMESE = LOCALE / "vi/LC_MESSAGES/django.po"


def compile_all() -> int:
    """Write a .mo file for every catalogue whose sources are newer than it."""
    for po_path in sorted(LOCALE.rglob("*.po")):
        mo_path = po_path.with_suffix(".mo")
        sources = [po_path, ENGLISH] if po_path == VIETNAMESE else [po_path]
        newest = max(path.stat().st_mtime for path in sources)
        if not mo_path.exists() or mo_path.stat().st_mtime < newest:
            catalogue = polib.pofile(str(po_path))
            if po_path == VIETNAMESE:
                source_strings_add(catalogue)
            catalogue.save_as_mofile(str(mo_path))
    return 0


def source_strings_add(catalogue: polib.POFile) -> None:
    """Let every source string that the Vietnamese catalogue does not override stand for itself."""
    known = {key(entry) for entry in catalogue}
    for entry in polib.pofile(str(ENGLISH)):
        if key(entry) in known:
            continue
        own = polib.POEntry(msgid=entry.msgid, msgctxt=entry.msgctxt, msgid_plural=entry.msgid_plural)
        if entry.msgid_plural:
            own.msgstr_plural = {0: entry.msgid}
        else:
            own.msgstr = entry.msgid
        catalogue.append(own)


def engine_strings() -> list[str]:
    """Return what the engines say to people: they know no gettext, their callers translate it."""
    # Here, not above: `compile` runs while the machine is being set up and needs only polib.
    from khcn.engines.documents.messages import TEMPLATES  # noqa: PLC0415
    from khcn.engines.documents.tools import available_tools  # noqa: PLC0415
    from khcn.engines.energy.messages import TEMPLATES as ENERGY  # noqa: PLC0415
    from khcn.engines.energy.metrics import METRICS  # noqa: PLC0415
    from khcn.engines.flow.messages import TEMPLATES as FLOW  # noqa: PLC0415
    from khcn.engines.vision.messages import TEMPLATES as VISION  # noqa: PLC0415

    return [
        *TEMPLATES.values(),
        *ENERGY.values(),
        *(metric.label for metric in METRICS.values()),
        *VISION.values(),
        *FLOW.values(),
        *(tool.needed_for for tool in available_tools().values()),
    ]


def overlooked_strings() -> list[tuple[str, str]]:
    """Return (string, place) of gettext calls inside f-strings, which xgettext does not see."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        for formatted in ast.walk(ast.parse(path.read_text())):
            if not isinstance(formatted, ast.JoinedStr):
                continue
            for call in ast.walk(formatted):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.args:
                    text = call.args[0]
                    named = call.func.id in {"_", "gettext", "gettext_lazy"}
                    if named and isinstance(text, ast.Constant) and isinstance(text.value, str):
                        found.append((text.value, f"{path.relative_to(SOURCE)}:{call.lineno}"))
    return found


def collect() -> polib.POFile:
    """Collect every translatable string: what Django's makemessages finds, and what it cannot find."""
    catalogue = collect_marked()
    known = {entry.msgid for entry in catalogue if not entry.msgctxt}
    engines = [(text, "engines") for text in engine_strings()]
    for text, place in [*overlooked_strings(), *engines]:
        if text and text not in known:
            known.add(text)
            flags = ["python-format"] if "%(" in text else []
            where, _, line = place.partition(":")
            catalogue.append(polib.POEntry(msgid=text, occurrences=[(where, line)], flags=flags))
    return catalogue


def collect_marked() -> polib.POFile:
    """Collect the strings that Django's own makemessages finds in code and templates."""
    if not shutil.which("xgettext"):
        sys.exit("gettext is missing: apt-get install gettext, then run this again")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "khcn"
        shutil.copytree(
            SOURCE,
            copy,
            ignore=shutil.ignore_patterns("locale", "static", "migrations", "data", "__pycache__", "engines"),
        )
        (copy / "locale").mkdir()
        command = [sys.executable, "-m", "django", "makemessages", "-l", "en", "--no-wrap", "-v", "0"]
        command += ["-e", "html,txt,py"]
        subprocess.run(command, cwd=copy, check=True, env={"PATH": "/usr/bin:/bin:/usr/local/bin"})
        return polib.pofile(str(copy / "locale/en/LC_MESSAGES/django.po"))


def key(entry: polib.POEntry) -> tuple[str, str]:
    """Return what identifies a string."""
    return (entry.msgctxt or "", entry.msgid)


def update() -> int:
    """Add new strings to the English catalogue and drop those no longer used."""
    path = ENGLISH
    path.parent.mkdir(parents=True, exist_ok=True)
    old = {key(entry): entry for entry in (polib.pofile(str(path)) if path.exists() else [])}
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = {
        "Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for entry in sorted(collect(), key=key):
        known = old.get(key(entry))
        new = polib.POEntry(
            msgid=entry.msgid,
            msgctxt=entry.msgctxt,
            msgid_plural=entry.msgid_plural,
            flags=[flag for flag in entry.flags if flag != "fuzzy"],
            msgstr=known.msgstr if known else "",
            msgstr_plural=known.msgstr_plural if known and known.msgstr_plural else {},
        )
        if new.msgid_plural and not new.msgstr_plural:
            new.msgstr_plural = {0: "", 1: ""}
        fresh.append(new)
    fresh.save(str(path))
    print(f"{len(fresh)} strings, {sum(not translated(entry) for entry in fresh)} without English")
    return 0


def translated(entry: polib.POEntry) -> bool:
    """Tell whether every form of a string is translated."""
    return all(entry.msgstr_plural.values()) if entry.msgid_plural else bool(entry.msgstr)


def placeholders(text: str) -> list[str]:
    """Return the placeholders of a string, sorted."""
    return sorted(set(PLACEHOLDER.findall(text)))


def check() -> int:
    """Report what is missing or wrong; return the number of faults."""
    known = {key(entry): entry for entry in (polib.pofile(str(ENGLISH)) if ENGLISH.exists() else [])}
    faults = []
    for entry in collect():
        have = known.get(key(entry))
        if have is None or not translated(have):
            faults.append(
                f"no English for {entry.msgid!r} ({', '.join(f'{f}:{n}' for f, n in entry.occurrences)})"
            )
    for catalogue in sorted(LOCALE.rglob("*.po")):
        for entry in polib.pofile(str(catalogue)):
            if not translated(entry):
                continue
            forms = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
            wanted = placeholders(entry.msgid + (entry.msgid_plural or ""))
            if any(not set(placeholders(form)) <= set(wanted) for form in forms):
                faults.append(f"{catalogue.parent.parent.name}: placeholders differ in {entry.msgid!r}")
    for fault in faults[:40]:
        print(fault)
    print(f"messages: {len(known)} strings, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    actions = {"compile": compile_all, "update": update, "check": check}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    sys.exit(actions[sys.argv[1]]())
