"""Every public form, read out of the page that shows it, and a city in which each is to be seen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.utils import timezone

from engagement import links, services
from engagement.models import Event, Meeting, Person
from engagement.services import LineWords
from engagement.views import known
from tests import factories

HOUR = timedelta(hours=1)
FREE = {"text", "textarea", "search", "email", "tel", "number", "datetime-local", "url"}
FITTING = {"email": "zz-resident@mail.example", "number": "5"}
QUESTIONS = [
    {"key": "size", "label": {"en": "How big?"}, "datatype": "string"},
    {"key": "more", "label": {"en": "More?"}, "datatype": "text"},
    {"key": "cost", "label": {"en": "Cost?"}, "datatype": "text", "confidential": True},
    {"key": "one", "label": {"en": "One?"}, "datatype": "singlevaluelist", "values": [{"key": "a"}]},
]


@dataclass
class Control:
    """One thing that a form sends: its name, kind, value as it stands there, and what may be chosen."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    longest: int = 10**9


@dataclass
class Form:
    page: str
    action: str
    controls: list[Control] = field(default_factory=list)

    def sent(self, text: str, *, into: str = "") -> dict[str, str]:
        """The form as a visitor sends it who writes `text` everywhere; or, where named, into one control."""
        values = {}
        for one in self.controls:
            if one.kind in {"file", "submit"} or one.name == "website":
                continue
            filled = one.kind in FREE if not into else one.name == into
            values[one.name] = text[: one.longest] if filled else one.value or next(iter(one.options), "1")
            if not into and one.kind in FITTING:
                values[one.name] = FITTING[one.kind]
        return values

    @property
    def presses(self) -> list[dict[str, str]]:
        """What its buttons add: nothing, where one has no name."""
        buttons = [one for one in self.controls if one.kind == "submit"]
        return sorted(({one.name: one.value} if one.name else {} for one in buttons), key=len) or [{}]


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.forms = page, list[Form]()
        self._open: Form | None = None
        self._select: Control | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form" and said.get("method", "").lower() == "post":
            action = said.get("action", "").partition("#")[0]
            self._open = Form(self.page, action or self.page)
            self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag == "option" and self._select is not None:
            self._select.options.append(said.get("value", ""))
        elif tag in {"input", "textarea", "select", "button"} and (said.get("name") or tag == "button"):
            kind = {"textarea": "textarea", "select": "select", "button": "submit"}.get(tag, "text")
            name, kind = said.get("name", ""), said.get("type", kind) if tag == "input" else kind
            same = next((one for one in self._open.controls if one.name == name and kind == "radio"), None)
            if same is not None:
                same.options.append(said.get("value", ""))
                return
            options = [said.get("value", "")] if kind == "radio" else []
            value = "" if kind == "radio" else said.get("value", "")
            control = Control(name, kind, value, options, int(said.get("maxlength") or 10**9))
            self._open.controls.append(control)
            self._select = control if tag == "select" else self._select

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None


def forms_of(client: Client, page: str) -> list[Form]:
    reader = _Reader(page)
    answer = client.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
    reader.feed(answer.content.decode())
    return reader.forms


@dataclass
class PublicCity:
    """Pages with forms: as anybody sees them, and as a browser sees them that is known by an address."""

    pages: list[str]
    known_pages: list[str]
    person: Person
    records: dict[str, Any]

    def known(self) -> Client:
        client = Client()
        signed = known.remember(client.get("/about/"), self.person)
        client.cookies[known.COOKIE] = signed.cookies[known.COOKIE].value
        return client

    def all_forms(self) -> Iterator[tuple[Client, Form]]:
        for client, pages in ((Client(), self.pages), (self.known(), self.known_pages)):
            for page in pages:
                for form in forms_of(client, page):
                    yield client, form


def build() -> PublicCity:
    """One of everything that has a public form; made anew for each test."""
    at = timezone.now()
    staff = factories.staff("the-moderator", superuser=True)
    call = factories.Call(
        slug="box",
        notes="after",
        supports="confirmed",
        moderation="after",
        asks_phone=True,
        questions=QUESTIONS,
        appeal_days=30,
    )
    shown = factories.Idea(call=call, state="published")
    pressed = factories.Idea(call=factories.Call(slug="press", supports="token"), state="published")
    asked = factories.Idea(call=call, state="correction", contact=factories.Contact())
    unsure = factories.Idea(call=call, contact=factories.Contact(confirmed_at=None))
    refused = factories.Idea(call=call, state="declined")
    Event.objects.create(
        idea=refused, verb="decline", at=at - HOUR, actor="staff", by=staff, to_state="declined"
    )
    service = factories.ReportService(code="lamp", questions=[{**QUESTIONS[0], "code": "size"}])
    report = factories.Report(service=service)
    closed = factories.Report(service=service, state="closed", closed_at=at - HOUR)
    note = factories.note(shown, at, state="published")
    meeting = Meeting.objects.create(call=call, kind="workshop", title={"en": "Hall"}, date=at.date())
    kit = services.make_meeting_link(meeting=meeting, ends_at=at + HOUR, by=staff, at=at)
    services.record_line(link=kit, words=LineWords("A bench", "en"), key="", at=at)
    person = Person.objects.create(
        email="zz-known@mail.example",
        language="en",
        nonce="p" * 32,
        created_at=at,
        confirmed_at=at,
        told_until=at,
    )
    private = [
        links.tracking_path(asked, page=f"tracking_{page}") for page in ("correct", "withdraw", "erase")
    ]
    pages = [
        "/calls/box/send/",
        "/report/",
        "/report/lamp/",
        "/track/",
        "/mine/",
        f"/ideas/{shown.reference}/",
        f"/ideas/{pressed.reference}/",
        f"/ideas/{shown.reference}/abuse/",
        f"/ideas/{shown.reference}/notes/{note.pk}/abuse/",
        f"/reports/{report.reference}/",
        *private,
        links.address_path(unsure),
        links.tracking_path(refused, page="tracking_appeal"),
        links.tracking_path(closed, page="tracking_fixed"),
        links.kit_path(kit),
        links.wish_path(person, f"follow-{shown.reference}", at + HOUR),
        links.stop_path(person),
    ]
    records = {"idea": shown, "pressed": pressed, "report": report, "asked": asked, "refused": refused}
    records |= {"closed": closed, "kit": kit, "meeting": meeting, "note": note, "unsure": unsure}
    return PublicCity(pages, [f"/ideas/{shown.reference}/", "/mine/", "/mine/erase/"], person, records)
