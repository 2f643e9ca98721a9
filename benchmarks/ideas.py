"""A city full of ideas, the same at every run: themes, districts, two invitations, ideas with their timeline.

    DATABASE_URL=postgresql://... .venv/bin/python benchmarks/ideas.py 20000

Texts are put together from the demonstration's, in both languages, with a fixed seed; rows are written in
bulk, so that 20,000 ideas with 50,000 lines of timeline take seconds. Refuses a database that has ideas.
"""

import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
SEED = 20_260_105
CHUNK = 2_000
STATES = ["published"] * 80 + ["declined"] * 8 + ["duplicate"] * 5 + ["received"] * 5 + ["withdrawn"] * 2
OPEN_CALL = "ideas"


def fill(count: int) -> None:
    from django.db import connection

    from engagement.models import Idea

    if Idea.objects.exists():
        raise SystemExit("this database has ideas already")
    draw = random.Random(SEED)
    scene = _scene()
    made = 0
    while made < count:
        size = min(CHUNK, count - made)
        _chunk(draw, scene, made, size, count)
        made += size
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _scene() -> dict[str, Any]:
    """What ideas hang on, in the demonstration's words."""
    from django.utils import timezone

    from engagement.models import Call, District, Theme, User
    from engagement.services import install_reasons
    from prioritisation.demonstration import content

    now = timezone.now()
    city = content.city()
    install_reasons()
    themes = Theme.objects.bulk_create(
        Theme(key=one["key"], label=one["name"], order=number) for number, one in enumerate(city["themes"])
    )
    districts = District.objects.bulk_create(
        District(
            code=one["code"],
            name=one["name"],
            population=one["population"],
            boundary={"type": "Polygon", "coordinates": [one["boundary"]]},
        )
        for one in city["districts"]
    )
    calls = []
    for slug, one in zip((OPEN_CALL, "neighbourhoods"), content.calls(), strict=False):
        call = Call.objects.create(
            slug=slug,
            title=one["title"],
            intro=one["intro"],
            consent=one["consent"],
            opens_at=now - timedelta(days=400),
            closes_at=now + timedelta(days=60),
            created_at=now - timedelta(days=400),
        )
        call.themes.set(themes[:9])
        calls.append(call)
    by_language: dict[str, list[dict[str, Any]]] = {"en": [], "fr": []}
    for one in content.ideas():
        by_language[one["language"]].append(one)
    return {
        "now": now,
        "themes": themes[:9],
        "districts": districts,
        "calls": calls,
        "texts": by_language,
        "staff": User.objects.create(username="moderator", is_staff=True),
    }


def _chunk(draw: random.Random, scene: dict[str, Any], first: int, size: int, of: int) -> None:
    from engagement.models import Contact, Event, Idea, SimilarLink

    ideas = [_idea(draw, scene, first + number, of) for number in range(size)]
    for idea, contact in zip(ideas, Contact.objects.bulk_create(_contacts(draw, ideas)), strict=True):
        idea.contact = contact
    Idea.objects.bulk_create(ideas, batch_size=CHUNK)
    through = Idea.themes.through
    through.objects.bulk_create(
        (
            through(idea=idea, theme=theme)
            for idea in ideas
            for theme in draw.sample(scene["themes"], draw.choice((1, 1, 2)))
        ),
        batch_size=CHUNK,
    )
    Event.objects.bulk_create(
        (event for idea in ideas for event in _events(draw, scene, idea)), batch_size=CHUNK
    )
    originals = [idea for idea in ideas if idea.state == "published"]
    SimilarLink.objects.bulk_create(
        SimilarLink(
            idea=idea,
            original=draw.choice(originals),
            state_before="published",
            linked_at=idea.changed_at,
            linked_by=scene["staff"],
        )
        for idea in ideas
        if idea.state == "duplicate"
    )


def _contacts(draw: random.Random, ideas: list[Any]) -> Iterator[Any]:
    from engagement.models import Contact

    for idea in ideas:
        yield Contact(
            email=f"sender-{idea.reference}@mail.example",
            language=idea.language,
            updates_consent_at=idea.received_at if draw.random() < 0.6 else None,
            created_at=idea.received_at,
        )


def _idea(draw: random.Random, scene: dict[str, Any], number: int, of: int) -> Any:
    from engagement.models import Idea
    from engagement.services.ideas import searchable

    language = "en" if draw.random() < 0.5 else "fr"
    texts = scene["texts"][language]
    problem, other, proposal = draw.choice(texts), draw.choice(texts), draw.choice(texts)
    words = f"{problem['problem']} {other['problem']}" if draw.random() < 0.3 else problem["problem"]
    helps = proposal.get("proposal", "") if draw.random() < 0.7 else ""
    received: datetime = scene["now"] - timedelta(days=390) * (1 - number / of)
    state = draw.choice(STATES)
    reference = f"2025-{number + 1:05d}"
    where = draw.choice((*scene["districts"], None))
    return Idea(
        reference=reference,
        call=scene["calls"][draw.random() < 0.2],
        language=language,
        channel="web",
        state=state,
        title=problem["title"],
        problem=words,
        proposal=helps,
        public_title=problem["title"],
        public_problem=words,
        public_proposal=helps,
        search=searchable(reference, problem["title"], words, helps),
        district=where,
        whole_city=where is None,
        address=problem.get("address", "") if where else "",
        received_at=received,
        changed_at=received + timedelta(days=2),
        published_at=None if state == "received" else received + timedelta(days=1),
        outcome=draw.choice(("in_plan", "set_aside", "", "")) if state == "published" else "",
        nonce=f"{draw.getrandbits(128):032x}",
    )


def _events(draw: random.Random, scene: dict[str, Any], idea: Any) -> Iterator[Any]:
    from engagement.models import Event

    yield Event(idea=idea, at=idea.received_at, actor="resident", verb="receive", to_state="received")
    if idea.state == "received":
        return
    common = {"idea": idea, "actor": "staff", "by": scene["staff"]}
    if idea.state == "declined":
        yield Event(
            **common,
            at=idea.published_at,
            verb="decline",
            from_state="received",
            to_state="declined",
            reason="not_city",
            text={"en": "Another government looks after this.", "fr": "Un autre gouvernement s’en occupe."},
        )
        return
    yield Event(**common, at=idea.published_at, verb="publish", from_state="received", to_state="published")
    if idea.outcome:
        text = {
            "en": "It became part of an initiative.",
            "fr": "Elle fait maintenant partie d’une initiative.",
        }
        yield Event(**common, at=idea.changed_at, verb="outcome", reason=idea.outcome, text=text)
    if draw.random() < 0.1:
        yield Event(**common, at=idea.changed_at, verb="note", note="Looked at again.", public=False)


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    fill(int(sys.argv[1]))
