"""QR codes for printed signs, drawn as SVG without any picture file."""

import qrcode
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from qrcode.constants import ERROR_CORRECT_M

QUIET = 4  # modules of white around the code, as the standard asks


def qr_svg(text: str) -> SafeString:
    """Return ``text`` as an inline SVG of black squares; its size comes from the style sheet."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    side = len(matrix) + 2 * QUIET
    path = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(matrix)
        for x, dark in enumerate(row)
        if dark
    )
    return format_html(
        '<svg class="qr" viewBox="0 0 {side} {side}" role="img" aria-label="{label}"><rect width="{side}" height="{side}" '
        'fill="#fff"/><path fill="#000" d="{path}"/></svg>',
        side=side,
        label=text,
        path=mark_safe(path),  # noqa: S308  # digits and letters made above
    )
