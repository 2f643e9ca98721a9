"""What a page may not hold under the strict Content-Security-Policy."""

from html.parser import HTMLParser

RUN = {"", "text/javascript", "module", "application/javascript"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.found += [f"<{tag} {name}>" for name in given if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action", "formaction"):
            address = given.get(name, "").strip().lower()
            elsewhere = address.startswith(("http://", "https://", "//")) and tag != "a"
            if elsewhere or address.startswith("javascript:"):
                self.found.append(f"<{tag} {name}={address[:40]}>")
        if tag == "script" and "src" not in given and given.get("type", "") in RUN:
            self._in = "script"
        if tag == "style":
            self._in = "style"
        if tag in {"iframe", "object", "embed", "base"}:
            self.found.append(f"<{tag}>")

    def handle_data(self, data: str) -> None:
        if self._in and data.strip():
            self.found.append(f"<{self._in}>{data.strip()[:40]}")
            self._in = ""

    def handle_endtag(self, tag: str) -> None:
        self._in = ""


def inline_code(html: str) -> list[str]:
    """Scripts, styles and handlers written into a page, and what it would load from elsewhere."""
    reader = _Reader()
    reader.feed(html)
    return reader.found
