"""Names of people as citations need them: family and given, without titles.

A Vietnamese name is written family name first and is never turned round; a name with a comma ("Smith, John") says itself
which part is which; any other name ends with the family name.
"""

import re
from typing import Final

from khcn.engines.text.fold import fold, nfc

# Academic and courtesy titles before a name; they are no part of it in a citation.
_TITLES: Final = re.compile(
    r"(?:(?:GS|PGS|TSKH|TS|ThS|ThS\.?BS|BS|BSCK[I]{1,2}|CN|KS|KTS|LS|DS|NCS|NGND|NGƯT|Prof|Dr|Mr|Mrs|Ms)\.\s*"
    r"|(?:GS|PGS|TSKH|TS|ThS|KS|CN|BS|LS|NCS|Prof|Dr|Ông|Bà|ông|bà)\s+)+(?=\w)"
)
# The commonest family names, folded. A name whose first word is one of these is Vietnamese even without marks.
_FAMILIES: Final = frozenset(
    (  # noqa: SIM905  # a hundred names read better as lines
        "nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dinh doan lam mai trinh truong luong "
        "chau ta tong quach dao cao kieu khuc la luu ma mac nghiem ong phung quan thach thai than thi tieu to ton "
        "trieu tu ung van vuong cu cung dam dien giap ha han hua huu kim lai luc luyen man nhan nong phi su tang "
        "thieu toan vi vien bach banh be bien che chu co cong dau dong du duc giang hinh khong khuong lo mach mau ninh"
    ).split()
)
_COMPOUND: Final = ("cong huyen ton nu", "cong tang ton nu", "huyen ton nu", "ton nu", "ton that", "au duong")
PARTICLES: Final = frozenset(
    {"van", "von", "der", "den", "de", "del", "della", "di", "da", "la", "le", "du", "bin"}
)
_MARKED: Final = re.compile(
    "[ăâđêôơưĂÂĐÊÔƠƯạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ]"
)


def without_titles(name: str) -> str:
    """Return a name without academic titles before it: "PGS.TS. Nguyễn Văn A" -> "Nguyễn Văn A"."""
    joined = " ".join(nfc(name).split())
    bare = _TITLES.sub("", joined, count=1) if _TITLES.match(joined) else joined
    return bare or joined


def is_vietnamese(name: str) -> bool:
    """Whether a name without a comma is written as Vietnamese write theirs."""
    words = name.split()
    if len(words) < 2:
        return False
    return fold(words[0]) in _FAMILIES or bool(_MARKED.search(name))


def split_name(name: str) -> tuple[str, str]:
    """Return (family, given); one word alone is the family name with nothing given.

    >>> split_name("TS. Nguyễn Văn A"), split_name("Smith, John"), split_name("Ludwig van Beethoven")
    (('Nguyễn', 'Văn A'), ('Smith', 'John'), ('van Beethoven', 'Ludwig'))
    """
    bare = without_titles(name)
    if "," in bare:
        family, _comma, given = bare.partition(",")
        return (family.strip(), given.strip()) if family.strip() else (given.strip(), "")
    words = bare.split()
    if len(words) < 2:
        return bare, ""
    if is_vietnamese(bare):
        folded = fold(bare)
        taken = next((len(lead.split()) for lead in _COMPOUND if folded.startswith(lead + " ")), 1)
        return " ".join(words[:taken]), " ".join(words[taken:])
    at = len(words) - 1
    while at > 1 and words[at - 1] in PARTICLES:
        at -= 1
    return " ".join(words[at:]), " ".join(words[:at])
