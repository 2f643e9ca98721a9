"""QR codes as pictures in a page: SVG without inline style, so that a strict content policy holds."""

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_code(address: str) -> SafeString:
    """An address as SVG, black on white. Its words have to stand beside it: it has none of its own."""
    code = segno.make(address, error="m")
    return mark_safe(code.svg_inline(scale=4, omitsize=False, svgclass="qr", lineclass=None))
