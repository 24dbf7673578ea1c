"""Finding addressees, legal basis and text."""

from khcn.core.papers.check import patterns as like
from khcn.core.papers.check.model import Para, Piece
from khcn.core.papers.check.parts_found import Parts


def find_addressees(parts: Parts, pieces: list[Piece]) -> list[Piece]:
    """Find "Kính gửi" and whom it names; return the pieces."""
    for index, piece in enumerate(pieces[:25]):
        if not like.ADDRESSED_F.match(piece.folded):
            continue
        parts.addressed = piece
        rest = piece.text.partition(":")[2].strip()
        used = [piece]
        for more in pieces[index + 1 : index + 25]:
            listed = more.text[:1] in "-–—•+" or more.para.props.get("bulleted")
            if not listed and (rest or parts.addressees or len(more.text) > 120):
                break
            parts.addressees.append(more)
            used.append(more)
        return used
    return []


def find_text(parts: Parts, paras: list[Para], last: int, used: list[Piece]) -> None:
    """Sort what lies between head and signature into legal basis, text and tables."""
    ends = [signing.first for signing in parts.signings if signing.lines]
    if parts.receivers is not None:
        ends.append(parts.receivers.label.para.number)
    end = min(ends, default=10**9)
    taken = {id(piece.para) for piece in used}
    text: list[Para] = []
    for para in paras:
        if para.story != "body" or para.empty or para.drawn or id(para) in taken:
            continue
        if not last < para.number < end or para.box is not None:
            continue
        (parts.in_tables if para.cell is not None else text).append(para)
    parts.bases = _bases(text)
    basis = {id(para) for para in parts.bases}
    parts.body = [para for para in text if id(para) not in basis]


def _bases(text: list[Para]) -> list[Para]:
    """Return the legal basis: the run of lines that begins with "Căn cứ"."""
    found: list[Para] = []
    for para in text[:40]:
        line = para.words
        opens = like.BASIS.match(line) if found else like.BASIS_FIRST.match(line)
        if opens and not like.PROSE.search(line):
            found.append(para)
        elif found or (para.align != "center" and not para.words.isupper()):
            break
    return found
