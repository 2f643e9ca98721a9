"""What visitors ask of the site, as their browsers send it: shared by the benchmarks that send requests."""

import gzip
import http.client
import random
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

FORM_SECONDS = 3
"""A form that comes back sooner looks like a robot's, and waits for staff."""


@dataclass(frozen=True)
class Request:
    """One request; with a body it is a form that is posted."""

    path: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"

    @property
    def expected(self) -> tuple[int, ...]:
        return (200,) if self.body is None else (302, 303)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str


def ask(connection: http.client.HTTPConnection, request: Request) -> Answer:
    """Sends one request over a connection that stays open, and reads the whole answer."""
    headers = {"Accept-Encoding": "gzip", "Accept-Language": "en", **request.headers}
    connection.request(request.method, request.path, request.body, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.headers.get("Content-Encoding") == "gzip":
        content = gzip.decompress(content)
    return Answer(answer.status, answer.headers, content.decode(errors="replace"))


def expect(connection: http.client.HTTPConnection, request: Request) -> Answer:
    """The same; any other answer than the expected one ends the benchmark."""
    answer = ask(connection, request)
    if answer.status not in request.expected:
        raise SystemExit(f"{request.method} {request.path} answered {answer.status}\n{answer.text[:3000]}")
    return answer


class Form:
    """A form that a browser has open: its address, its hidden fields, its cookie, the themes it offers."""

    def __init__(self, connection: http.client.HTTPConnection, path: str) -> None:
        self.path = path
        answer = expect(connection, Request(path))
        self.cookie = "; ".join(
            value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie") or []
        )
        self.hidden = {}
        for line in re.findall(r'<input type="hidden"[^>]*>', answer.text):
            name, value = re.search(r'name="([^"]+)"', line), re.search(r'value="([^"]*)"', line)
            if name and value:
                self.hidden[name[1]] = value[1]
        self.themes = re.findall(r'name="themes" value="(\d+)"', answer.text)

    def post(self, address: str, fields: dict[str, str], language: str = "") -> Request:
        """The form filled in and sent from `address`, as a proxy passes it on."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": self.cookie,
            "X-Forwarded-For": address,
        }
        return Request(f"{language}{self.path}", urlencode({**self.hidden, **fields}).encode(), headers)

    def idea(self, address: str, words: str, email: str, language: str = "") -> Request:
        """An idea in all its parts: what is wrong, what helps, about what, where, from whom."""
        fields = {
            "problem": words,
            "proposal": "Put up a roof.",
            "themes": self.themes[0],
            "where": "*",
            "address": "Chapel Street",
            "email": email,
            "wants_updates": "on",
            "website": "",
        }
        return self.post(address, fields, language)


def some_address(draw: random.Random) -> str:
    """A visitor's own network address: limits count by it."""
    sender = draw.getrandbits(24)
    return f"10.{sender >> 16}.{sender >> 8 & 255}.{sender & 255}"
