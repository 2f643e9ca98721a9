"""Style and script of a public page stay small, and ask nothing that the content policy forbids."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STYLES = sorted((ROOT / "static/css").glob("*.css"))
# E-mail has its own rules: its readers ignore style sheets.
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "emails" not in path.parts)


def test_first_view_weighs_less_than_12_kb() -> None:
    parts = [ROOT / "static" / name for name in ("css/site.css", "css/charts.css", "js/site.js")]
    assert sum(len(gzip.compress(part.read_bytes())) for part in parts) < 12 * 1024


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_have_no_inline_style_or_script(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son\w+=\"", text)


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_styles_are_plain_ascii_and_ask_no_other_host(style: Path) -> None:
    """Without a charset in the header a sign outside ASCII would come out wrong."""
    text = style.read_text()
    assert text.isascii()
    assert "@import" not in text
    assert not re.search(r"url\(\s*['\"]?(https?:)?//", text)
