"""Codes of MARC 21 that this library writes and reads, and the numbers of its own local fields.

Source: MARC 21 Format for Bibliographic Data (Library of Congress), its code lists for languages, countries and
relators. Local fields (9XX, free for local use) are described in ``docs/dev/library-catalogue.md``.
"""

from typing import Final

# ISO 639-1 as the library keeps it <-> the three letters of MARC. What is not here is kept as an RFC 5646 tag.
LANGUAGES: Final = {
    "vi": "vie", "en": "eng", "fr": "fre", "zh": "chi", "ru": "rus", "de": "ger", "ja": "jpn", "ko": "kor",
    "es": "spa", "it": "ita", "pt": "por", "la": "lat", "lo": "lao", "km": "khm", "th": "tha", "ms": "may",
    "id": "ind", "nl": "dut", "pl": "pol", "cs": "cze", "hu": "hun", "sv": "swe", "ar": "ara", "hi": "hin",
    "my": "bur", "uk": "ukr", "bg": "bul", "fi": "fin", "da": "dan", "no": "nor",
}  # fmt: skip
LANGUAGES_BACK: Final = {marc: iso for iso, marc in LANGUAGES.items()} | {
    "fra": "fr", "zho": "zh", "deu": "de", "msa": "ms", "nld": "nl", "ces": "cs", "mya": "my",
}  # fmt: skip

VIETNAM: Final = "vm "  # the country code of 008/15-17
DDC_EDITION: Final = "23"

# Leading articles that do not count in filing (245, second indicator). Vietnamese has none that libraries skip.
ARTICLES: Final = {
    "en": ("The ", "An ", "A "),
    "fr": ("Les ", "Le ", "La ", "L'", "L’", "Une ", "Un "),
    "de": ("Der ", "Die ", "Das ", "Eine ", "Ein "),
    "es": ("Los ", "Las ", "El ", "La "),
}

# Kind of a work -> (leader/06 type of record, leader/07 bibliographic level).
RECORD_TYPES: Final = {"video": ("g", "m"), "link": ("a", "i")}
USUAL_TYPE: Final = ("a", "m")
KINDS_BY_TYPE: Final = {"g": "video"}

# Schemes of identifiers whose code in 024 $2 differs from ours.
SCHEMES: Final = {"url": "uri", "handle": "hdl"}
SCHEMES_BACK: Final = {marc: ours for ours, marc in SCHEMES.items()}

CREATOR_ROLES: Final = frozenset({"", "aut", "cre", "cmp", "art", "pht", "isb", "prg", "ctg", "inv"})
ISSUING_BODY: Final = "isb"

# Local fields.
OWN: Final = "990"  # $a kind, $p published, $v version, $h harvested from
LEGAL: Final = "991"  # the fields of Decree 30/2020/NĐ-CP, annex VI
COLLECTION: Final = "992"  # $a name, $0 key

# Subfields of 991 <-> names of ``LegalFacts``. ``recipients`` ($r) repeats.
LEGAL_SUBFIELDS: Final = {
    "a": "number", "b": "code_number", "c": "code_notation", "d": "type_name", "e": "organ_name", "f": "organ_id",
    "g": "place", "h": "signer_name", "i": "signer_position", "j": "priority", "k": "issued_amount",
    "l": "effective_date", "m": "expired_date",
}  # fmt: skip

# Relators by what Vietnamese and English records write in $e, folded.
RELATORS: Final = {
    "tac gia": "aut", "author": "aut", "bien soan": "com", "compiler": "com", "chu bien": "edt", "editor": "edt",
    "bien tap": "edt", "dich": "trl", "nguoi dich": "trl", "dich gia": "trl", "translator": "trl",
    "hieu dinh": "rev", "minh hoa": "ill", "illustrator": "ill", "hoa si": "art", "huong dan": "ths",
    "nguoi huong dan": "ths", "co quan ban hanh": "isb", "suu tam": "col", "gioi thieu": "win",
    "dong tac gia": "aut", "chu nhiem de tai": "rth", "chu nhiem": "rth",
}  # fmt: skip

# Who may read a work: in words, and in the terms of "star" (standardized terminology for access restriction).
ACCESS: Final = {
    "public": ("Mọi người đều đọc được.", "Unrestricted online access"),
    "signed_in": ("Chỉ dành cho người đã đăng nhập.", "Online access with authorization"),
    "units": ("Chỉ dành cho một số đơn vị.", "Online access with authorization"),
}
ACCESS_UNKNOWN: Final = ("Có hạn chế truy cập.", "Online access with authorization")
CLOSED: Final = frozenset({"signed_in", "units"})
