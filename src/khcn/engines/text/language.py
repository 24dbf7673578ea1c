"""Vietnamese, English, or neither: by letters that only Vietnamese has, and by the commonest words.

Works on Vietnamese typed without marks too. Only the beginning of a long text is read.
"""

import re
from typing import Final

from khcn.engines.text.fold import fold, nfc

_SAMPLE: Final = 20_000
# Letters that no other widespread language uses together: ă đ ơ ư and the two-mark letters of U+1EA0..1EF9.
_VIETNAMESE_LETTER = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
_WORD = re.compile(r"[^\W\d_]+")

# Frequent folded syllables that are not English (or French) words.
_VIETNAMESE: Final = frozenset(
    _WORD.findall("""
    va cua cac duoc nguoi khong nhung trong voi theo mot nam nay thi quyet dinh nghi thong tu ke
    hoach khoa hoc cong nghe nhan dan uy quan phuong xa tinh thanh pho nuoc viet hoat dong phat
    trien thuc hien chuc quy ve tren hoi doi moi truong giao duc dao tao kinh te hanh luat dieu
    khoan ngay thang den tai phai khi neu cho nhu vao ra lai bang toi chung rat nhieu hon cung da se
    boi giua sau truoc
    """)
)
_ENGLISH: Final = frozenset(
    _WORD.findall("""
    the of and is for that with on are this by from which was as at have has or not will their been
    were its these more other such about into also may should between research science technology
    """)
)
_MIN_SHARE: Final = 0.08


def detect_language(text: str) -> str:
    """Return "vi", "en", or "" when the text is neither or too short to tell.

    >>> detect_language("Quyet dinh ve hoat dong khoa hoc cong nghe")
    'vi'
    """
    sample = nfc(text[:_SAMPLE])
    words = _WORD.findall(sample)
    if not words:
        return ""
    marked = sum(1 for word in words if _VIETNAMESE_LETTER.search(word))
    if marked / len(words) >= _MIN_SHARE * 2:
        return "vi"
    folded = [fold(word) for word in words]
    vietnamese = sum(1 for word in folded if word in _VIETNAMESE)
    english = sum(1 for word in folded if word in _ENGLISH)
    if marked and vietnamese >= english:
        return "vi"
    best = max(vietnamese, english)
    if (best < 2 and len(words) > 3) or best / len(words) < _MIN_SHARE or vietnamese == english:
        return ""
    return "vi" if vietnamese > english else "en"
