"""Text in TCVN3 (TCVN 5712:1993, the ".Vn" fonts), as offices wrote it before Unicode.

One byte a letter; a capital with a tone mark has no byte of its own and is typed as its small letter
in a font whose name ends in H, which draws it tall. A plain text file has no fonts: such capitals are small.
"""

from typing import Final

# Bytes of TCVN 5712:1993, VN3, for small letters; the second line holds the seven capitals that exist.
_BYTES: Final = {
    **dict(zip("ăâêôơưđ", range(0xA8, 0xAF), strict=True)),
    **dict(zip("ĂÂÊÔƠƯĐ", range(0xA1, 0xA8), strict=True)),
    **dict(zip("àảãáạ", range(0xB5, 0xBA), strict=True)),
    **dict(zip("ằẳẵắ", range(0xBB, 0xBF), strict=True)),
    **dict(zip("ặầẩẫấậè", range(0xC6, 0xCD), strict=True)),
    **dict(zip("ẻẽéẹềểễếệìỉ", range(0xCE, 0xD9), strict=True)),
    **dict(zip("ĩíịò", range(0xDC, 0xE0), strict=True)),
    **dict(zip("ỏõóọồổỗốộờởỡớợù", range(0xE1, 0xF0), strict=True)),
    **dict(zip("ủũúụừửữứựỳỷỹýỵ", range(0xF1, 0xFF), strict=True)),
}
_ASCII_SIGNS: Final = str.maketrans({"–": "-", "—": "-", "“": '"', "”": '"', "’": "'", "‘": "'", "…": "..."})
# Signs without a byte, in the words a typist of the time would have used.
_SPELLED: Final = str.maketrans(
    {
        "≤": "<=",
        "≥": ">=",
        "×": "x",
        "°": " do ",
        "→": "->",
        "²": "2",
        "³": "3",
        "₂": "2",
        "±": "+/-",
        "≈": "~",
        "−": "-",
    }
)

_RTF_HEAD: Final = (
    r"{\rtf1\ansi\ansicpg1252\deff0\deflang1033"
    r"{\fonttbl{\f0\fnil\fcharset0 .VnTime;}{\f1\fnil\fcharset0 .VnTimeH;}}"
    r"\viewkind4\uc1\pard\f0\fs28 "
)


def tcvn3_bytes(text: str) -> bytes:
    """Encode NFC text; a capital with a tone mark becomes its small letter.

    Raises:
        ValueError: the text holds a letter that TCVN3 does not have.
    """
    return b"".join(_byte(char) for char in _prepared(text))


def tcvn3_txt(text: str) -> bytes:
    """Return a plain text file in TCVN3 with Windows line ends."""
    return tcvn3_bytes(text + "\n").replace(b"\n", b"\r\n")


def tcvn3_rtf(paragraphs: list[str]) -> bytes:
    """Return an RTF file in .VnTime, with .VnTimeH for capitals that carry a tone mark."""
    body = "\\par\n".join(_rtf_paragraph(_prepared(paragraph)) for paragraph in paragraphs)
    return (_RTF_HEAD + body + "\\par\n}\n").encode("ascii")


def after_decoding(text: str) -> str:
    """Return ``text`` as a decoder that knows no fonts gives it back: toned capitals small, plain signs."""
    return "".join(_small_when_toned(char) for char in _prepared(text))


def _prepared(text: str) -> str:
    return text.translate(_ASCII_SIGNS).translate(_SPELLED)


def _small_when_toned(char: str) -> str:
    return char if char in _BYTES or char.isascii() else char.lower()


def _byte(char: str) -> bytes:
    if char.isascii():
        return char.encode()
    code = _BYTES.get(_small_when_toned(char))
    if code is None:
        raise ValueError(f"TCVN3 has no letter {char!r}")
    return bytes([code])


def _rtf_paragraph(text: str) -> str:
    parts: list[str] = []
    tall = False
    for char in text:
        needs_tall = _small_when_toned(char) != char
        if needs_tall != tall:
            parts.append("\\f1 " if needs_tall else "\\f0 ")
            tall = needs_tall
        parts.append(_rtf_char(char))
    return "".join(parts) + ("\\f0 " if tall else "")


def _rtf_char(char: str) -> str:
    if char in "\\{}":
        return "\\" + char
    code = _byte(char)[0]
    return char if code < 0x80 else f"\\'{code:02x}"
