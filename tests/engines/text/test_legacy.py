"""Old encodings become Unicode; everything else stays as it is."""

import unicodedata

import pytest

from khcn.engines.text.legacy import (
    LegacyDecoder,
    Run,
    decode_text,
    font_encoding,
    is_capital_font,
    is_suspicious,
)
from khcn.engines.text.legacy_tables import SINGLE_BYTE, VNI_LETTERS
from khcn.engines.text.syllables import is_syllable, plausible_share

PROSE = (
    "Ủy ban nhân dân phường chịu trách nhiệm tổ chức thực hiện kế hoạch này.\n"
    "Hỗ trợ doanh nghiệp nhỏ và vừa ứng dụng công nghệ, đổi mới sáng tạo; bảo hộ sở hữu trí tuệ.\n"
    "Những hộ kinh doanh đã đăng ký được hưởng mức lãi suất ưu đãi, kể từ ngày mồng một tháng bảy.\n"
    "Cửa hàng bán lẻ ở chợ phải giữ vệ sinh, phòng cháy và chữa cháy; rác thải được phân loại mỗi ngày.\n"
    "Trẻ em, người khuyết tật, người cao tuổi và gia đình nghèo được miễn phí."
)
_VIQR = {
    "\u0302": "^",
    "\u0306": "(",
    "\u031b": "+",
    "\u0301": "'",
    "\u0300": "`",
    "\u0309": "?",
    "\u0303": "~",
    "\u0323": ".",
}


def encoded(text: str, encoding: str) -> str:
    """``text`` as a reader shows it when the encoding is not known."""
    if encoding == "viqr":
        return "".join(_viqr(char) for char in text)
    if encoding == "vni":
        letters = {target: source for source, target in reversed(VNI_LETTERS.items())}
    else:
        letters = {target: chr(byte) for byte, target in SINGLE_BYTE[encoding].items()}
    return "".join(letters.get(char, char) for char in text)


def _viqr(char: str) -> str:
    if char in "đĐ":
        return "dd" if char == "đ" else "DD"
    base, *marks = unicodedata.normalize("NFD", char)
    return base + "".join(
        _VIQR[mark] for mark in sorted(marks, key=lambda mark: mark not in "\u0302\u0306\u031b")
    )


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "viscii", "vps", "viqr"])
def test_text_comes_back_exactly(encoding: str) -> None:
    wanted = PROSE.lower() if encoding == "tcvn3" else PROSE  # TCVN3 has no capitals with tones
    assert decode_text(encoded(wanted, encoding)) == (wanted, encoding)


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "viscii"])
def test_shown_as_cp1252_too(encoding: str) -> None:
    wanted = PROSE.lower() if encoding == "tcvn3" else PROSE
    shown = encoded(wanted, encoding).encode("latin-1").decode("cp1252", "replace")
    if "\ufffd" not in shown:
        assert decode_text(shown).text == wanted


@pytest.mark.parametrize(
    "text",
    [
        PROSE,
        "có là và à ơi",
        "Señor, mañana el niño comió jamón en la montaña",
        "Straße für Mädchen, Übergröße, schöner Garten",
        "déjà vu, café, élève, où êtes-vous, garçon naïf",
        "© 2021 – “Plan” • 28,5° ± 0,2 µm · ½ « x » ®",
        "email a.b@c.vn, f(x)^2 + y~3, don't. Isn't it? O'Neil's e.g. a.m. u.",
        "def f(a): return a^b + c'd # comment",
        "Biểu thức 3 · 5 và 28,5° Đông",
        "",
    ],
)
def test_other_text_is_left_alone(text: str) -> None:
    assert decode_text(text) == (text, "unicode")


def test_decomposed_unicode_is_composed() -> None:
    assert decode_text(unicodedata.normalize("NFD", PROSE)).text == PROSE


def test_runs_of_several_encodings_in_one_document() -> None:
    lines = PROSE.lower().split("\n")
    runs = [
        Run(encoded(lines[0], "tcvn3"), ".VnTime"),
        Run(encoded(lines[1], "vni"), "VNI-Times"),
        Run(lines[2], "Times New Roman"),
        Run("Microsoft Office for Windows", "Arial"),
        Run(encoded(lines[3], "tcvn3"), "VNSTCVN3"),  # a font no table knows
    ]
    decoder = LegacyDecoder()
    decoder.learn(runs)
    assert [decoder.decode((run,)).text for run in runs] == [*lines[:3], runs[3].text, lines[3]]
    whole = decoder.decode(runs)
    assert whole.text == "".join([*lines[:3], runs[3].text, lines[3]])
    assert whole.encoding == "mixed"


def test_short_run_follows_its_font_and_its_document() -> None:
    decoder = LegacyDecoder()
    decoder.learn([Run(encoded(PROSE, "vni"), "Helv")])
    assert decoder.decode((Run(encoded("cá", "vni"), "Helv"),)).text == "cá"
    assert decoder.decode((Run(encoded("sẵn", "vni"), ""),)).text == "sẵn"
    assert LegacyDecoder().decode((Run("cã", ".VnTime"),)).text == "có"


def test_word_cut_between_runs_is_one_word() -> None:
    decoder = LegacyDecoder()
    decoder.learn([Run(encoded(PROSE.lower(), "tcvn3"), ".VnTime")])
    assert (
        decoder.decode((Run("QuyÕt ", ".VnTime"), Run("®", "Arial"), Run("Þnh", ".VnTime"))).text
        == "Quyết định"
    )
    vni = encoded("tổ", "vni")
    assert decoder.decode((Run(vni[:-1], "VNI-Times"), Run(vni[-1], "VNI-Times,Bold"))).text == "tổ"


def test_wrong_font_name_does_not_win_over_the_letters() -> None:
    runs = [Run(encoded(PROSE.lower(), "tcvn3"), "VNI-Times")]
    decoder = LegacyDecoder()
    decoder.learn(runs)
    assert decoder.decode(runs).text == PROSE.lower()
    assert LegacyDecoder().decode([Run(PROSE, ".VnTime")]).text == PROSE


def test_look_alikes_that_pdf_readers_give() -> None:
    assert decode_text("cộng hoà x∙ hội".replace("ộ", "é").replace("à", "µ") + " ngân hàng nhà n−íc".replace("â", "©").replace("à", "µ")).text == "cộng hoà xã hội ngân hàng nhà nước"  # fmt: skip


@pytest.mark.parametrize(
    ("font", "encoding", "capital"),
    [
        (".VnTime", "tcvn3", False),
        (".VnTimeH", "tcvn3", True),
        ("ABCDEF+.VnArialH,Bold", "tcvn3", True),
        (".VnArial NarrowH", "tcvn3", True),
        ("VNI-Helve", "vni", False),
        ("VPS Times", "vps", False),
        ("Times New Roman", None, False),
        ("Helvetica", None, False),
        ("", None, False),
    ],
)
def test_font_names(font: str, encoding: str | None, capital: bool) -> None:
    assert (font_encoding(font), is_capital_font(font)) == (encoding, capital)


def test_capital_fonts() -> None:
    runs = [Run("bé tµi chÝnh", ".VnTimeH"), Run(" - Hµ Néi", ".VnTime")]
    assert LegacyDecoder().decode(runs).text == "bộ tài chính - Hà Nội"
    assert LegacyDecoder(capitals=True).decode(runs).text == "BỘ TÀI CHÍNH - Hà Nội"


def test_suspicion_is_cheap_and_never_misses() -> None:
    assert not is_suspicious(PROSE)
    assert not is_suspicious("plain English text, nothing else")
    for encoding in ("tcvn3", "vni", "viscii", "viqr"):
        assert is_suspicious(encoded(PROSE.lower(), encoding))


@pytest.mark.parametrize(
    "word",
    [
        "quyết",
        "nghiêng",
        "giếng",
        "gì",
        "quốc",
        "khuỷu",
        "uống",
        "yêu",
        "ướt",
        "đường",
        "xoong",
        "oanh",
        "nguyễn",
        "thuở",
    ],
)
def test_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["jazz", "café", "señor", "grün", "đươngg", "bậb", "oàch", "thàt", "qy"])
def test_not_syllables(word: str) -> None:
    assert not is_syllable(word)


def test_plausible_share() -> None:
    assert plausible_share(PROSE) > 0.97
    assert plausible_share("The quick brown fox jumps over the lazy dog again") < 0.4
    assert plausible_share("") == 0.0
