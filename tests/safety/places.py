"""Every address of Winnow, found by asking the resolver, and a city in which each of them leads somewhere."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from engagement import links
from engagement import services as engagement
from engagement.models import (
    AbuseReport,
    Appeal,
    ArchiveFile,
    Department,
    District,
    Holiday,
    Meeting,
    Notice,
    Person,
    Reason,
    Referral,
    Removal,
    RetentionRule,
    RoutingRule,
    Theme,
    User,
)
from engagement.photos import CleanPhoto
from engagement.services import queue_job
from prioritisation import ballots, portfolios, rankings, services
from prioritisation.models import (
    Assignment,
    BallotFile,
    ChecklistItem,
    Decision,
    EvidenceLink,
    PlanVersion,
    Programme,
    Result,
    Round,
    Scenario,
)
from prioritisation.services.setup import ROLES, install_city
from prioritisation.workflow import Role
from tests import factories
from tests.prioritisation import scene

SECRET = "zz-only-for-the-programme"
"""Stands in what only members of the programme may read."""
SENDER = "zz-sender@mail.example"

MEMBER_AS = {
    "assessor": Role.ASSESSOR,
    "programme manager": Role.MANAGER,
    "publisher": Role.PUBLISHER,
    "analyst": Role.ANALYST,
}
"""Which roles of a city come with which membership."""


@dataclass(frozen=True)
class Place:
    """One address: its name (with its namespace), its route, and the names of what it takes."""

    name: str
    route: str
    takes: tuple[str, ...]


def places() -> list[Place]:
    """All named addresses; those without a name only redirect or say "not found", and are listed by route."""
    return sorted(set(_walk(get_resolver(), "", "")), key=lambda place: (place.name, place.route))


def _walk(resolver: Any, route: str, space: str) -> Iterator[Place]:
    for pattern in resolver.url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern, here, inner)
        else:
            takes = tuple(pattern.pattern.converters) or tuple(pattern.pattern.regex.groupindex)
            yield Place(f"{space}{pattern.name}" if pattern.name else "", here, takes)


@dataclass
class City:
    """Records to fill addresses with, and people by what they are."""

    records: dict[str, Any]
    people: dict[str, User | None]

    def address(self, place: Place) -> str:
        path = reverse(place.name, kwargs={name: self._value(place, name) for name in place.takes})
        query = self.records.get(f"?{place.name}", "")
        return f"{path}?{query}" if query else path

    def sent(self, place: Place) -> dict[str, str]:
        """What a form of that page would send: enough to be more than an empty form."""
        query = self.records.get(f"?{place.name}", "")
        return dict([query.split("=", 1)]) if query else {}

    def _value(self, place: Place, name: str) -> Any:
        words = place.name.partition(":")[2].split("_") if ":" in place.name else [place.name]
        for kind in (f"{place.name} {name}", *(f"{word} {name}" for word in reversed(words)), name):
            if kind in self.records:
                return self.records[kind]
        if name in {"object_id", "pk", "id"}:
            found = [word for word in words if word in self.records]
            if found:
                return self.records[found[0]].pk
        raise LookupError(f"{place.name}: what is {name}? Say so in tests/safety/places.py")


def people(programme: Programme, other: Programme) -> dict[str, User | None]:
    """One person in each role of a city; those of the funnel once in this programme, once in another."""
    install_city()
    found: dict[str, User | None] = {"a resident": None}
    for role in ROLES:
        if role == "administrator":
            continue
        name = "the-" + role.replace(" ", "-")
        found[role] = _in_role(name, role, programme)
        if role in MEMBER_AS:
            found[f"another programme's {role}"] = _in_role(f"other-{name}", role, other)
    found["administrator"] = factories.staff("the-administrator", superuser=True)
    found["staff without a role"] = factories.staff("no-role")
    inactive = factories.staff("inactive", superuser=True)
    inactive.is_active = False
    inactive.save()
    found["an inactive account"] = inactive
    outside = factories.staff("outside", superuser=False)
    outside.is_staff = False
    outside.save()
    outside.groups.set(Group.objects.all())
    found["an account that is not staff"] = outside
    return found


def _in_role(username: str, role: str, programme: Programme) -> User:
    user = factories.staff(username)
    user.groups.add(Group.objects.get(name=role))
    if role in MEMBER_AS:
        factories.member(programme, user, MEMBER_AS[role])
    return user


def portfolio_of(round: Round, by: User, now: datetime) -> tuple[Scenario, Result]:
    """A scenario of a decided round, and a selection adopted for it."""
    ranking = services.latest_result(round)
    scenario = Scenario.objects.create(
        round=round, name=SECRET, made_at=now, made_by=by, changed_at=now, rules={}
    )
    inputs = services.read_rules(round, {})
    adopted = Result.objects.create(
        round=round,
        kind="portfolio",
        parent=ranking,
        reason=SECRET,
        policy_version=round.policy_version,
        inputs=inputs,
        inputs_sha256="0" * 64,
        seed=round.seed,
        code_version="test",
        output=portfolios.answer(inputs),
        made_at=now,
        made_by=by,
    )
    return scenario, adopted


def build(now: datetime) -> City:
    """A city with a published plan and a second round in the open, seen from each address."""
    base = scene.make_city(now)
    plan = scene.publish(base, now)
    programme, manager = base["programme"], base["manager"]
    call, ideas = base["call"], base["ideas"]
    call.supports = call.Supports.TOKEN
    call.save()
    other = factories.Programme()
    found = people(programme, other)
    initiative = scene.work_up(base, now, [[9]])[0]
    services.save_initiative(
        initiative=initiative,
        values={"title": {"en": SECRET, "fr": SECRET}},
        themes={},
        districts=[],
        costs=[],
        by=manager,
        at=now,
    )
    assessor = found["assessor"]
    running = services.prepare_round(
        programme=programme,
        policy_version=base["version"],
        stage="plan",
        initiatives=[initiative],
        panel=[assessor, *base["assessors"][:2]] if assessor else [],
        by=manager,
        at=now,
        seed=7,
    )
    assert services.open_round(round=running, by=manager, at=now) == []
    running.entries.update(calibration=True)
    own = Assignment.objects.get(entry__round=running, assessor=assessor)
    decided = Round.objects.exclude(pk=running.pk).get(programme=programme)
    sender = factories.Contact(email=SENDER, name="Zoé Zz")
    waiting = factories.Idea(call=call, contact=sender)
    copied = factories.Idea.create_batch(3, call=call, public_problem="Keep the library open on Saturdays.")[
        0
    ]
    report = factories.Report(contact=factories.Contact(email=SENDER))
    picture = CleanPhoto(b"\xff\xd8\xff not looked at", 1, 1, "JPEG")
    shown = engagement.attach_photo(record=ideas[0], photo=picture, caption="", rights_confirmed=True, at=now)
    own_photo = engagement.attach_photo(
        record=waiting, photo=picture, caption="", rights_confirmed=True, at=now
    )
    report_photo = engagement.attach_photo(
        record=report, photo=picture, caption="", rights_confirmed=True, at=now
    )
    evidence = EvidenceLink.objects.create(
        initiative=initiative, from_date=now.date(), to_date=now.date(), made_at=now, made_by=manager
    )
    step = ChecklistItem.objects.create(programme=programme, label={"en": "Step"}, order=1)
    admin = found["administrator"]
    asked = found["department"]
    assert asked is not None
    asked.department = Department.objects.get(pk=initiative.owner_id)
    report.department = asked.department
    report.save()
    asked.save()
    # What it is followed to delivery by: one that the plan holds.
    base["initiatives"][0].owner_id = initiative.owner_id
    base["initiatives"][0].save(update_fields=["owner"])
    passed = factories.Idea(call=call, state="passed_on", contact=sender)
    referral = Referral.objects.create(
        idea=passed, department=asked.department, asked_at=now, asked_by=manager
    )
    refused = factories.Idea(call=call, state="declined")
    appeal = Appeal.objects.create(idea=refused, text="Look again.", asked_at=now, refused_by=manager)
    remark = factories.note(waiting, now)
    seen = factories.note(ideas[0], now, state="published")
    abuse = AbuseReport.objects.create(note=seen, reason="insult", at=now)
    archived = ArchiveFile.objects.create(
        sha256="0" * 64, name="2025.csv", format="city", rows=0, kept=0, refused=0, imported_at=now
    )
    held = services.save_sitting(
        programme=programme, body={"en": "Council"}, held_on=now.date(), by=manager, at=now
    )
    awaited = Decision.objects.create(
        initiative=initiative,
        outcome="set_aside",
        reason="merged",
        text={"en": "T"},
        prepared_at=now,
        prepared_by=manager,
    )
    scenario, adopted = portfolio_of(decided, manager, now)
    voted, counted = _ballots(decided, plan, manager, now)
    meeting = Meeting.objects.create(call=call, kind="workshop", title={"en": "Hall"}, date=now.date())
    wall = engagement.photos.keep_photo(photo=picture, caption="", at=now, meeting=meeting)
    person = Person.objects.create(
        email=SENDER, language="en", nonce="p" * 32, created_at=now, confirmed_at=now, told_until=now
    )
    kit = engagement.make_meeting_link(
        meeting=meeting, ends_at=timezone.now() + timedelta(days=1), by=admin, at=now
    )
    records: dict[str, Any] = {
        "wish pk": person.pk,
        "wish wish": "mine",
        "wish token": links.wish_path(person, "mine", timezone.now() + timedelta(days=1)).split("/")[-2],
        "stop pk": person.pk,
        "stop token": links.stop_token(person),
        "follow reference": ideas[0].reference,
        "address reference": waiting.reference,
        "address token": links.address_token(waiting),
        "kit pk": kit.pk,
        "kit token": links.kit_path(kit).rstrip("/").rpartition("/")[2],
        "engagement:kit_sheet pk": kit.pk,
        "admin:engagement_meeting_kit pk": meeting.pk,
        "removal": Removal.objects.create(kind="mail", count=1, days=365, at=factories.NOW),
        "retentionrule": RetentionRule.objects.get(kind="mail"),
        "scenario": scenario,
        "portfolio pk": decided.pk,
        "admin:prioritisation_scenario_adopt pk": scenario.pk,
        "admin:prioritisation_portfolio_result result": adopted.pk,
        "idea": waiting,
        "report": report,
        "call": call,
        "programme": programme,
        "initiative": initiative,
        "referral": referral,
        "appeal": appeal,
        "note": remark,
        "abusereport": abuse,
        "?admin:engagement_note_do": f"selected={remark.pk}:{remark.version}",
        "admin:engagement_note_do name": "publish",
        "engagement:note_abuse pk": seen.pk,
        "engagement:note_abuse reference": ideas[0].reference,
        "engagement:idea_abuse reference": ideas[0].reference,
        "engagement:idea_note reference": ideas[0].reference,
        "archivefile": archived,
        "policyversion": base["version"],
        "round": decided,
        "plan": plan.plan,
        "user": assessor,
        "group": Group.objects.get(name="moderator"),
        "theme": Theme.objects.first(),
        "district": District.objects.first(),
        "department": Department.objects.first(),
        "reportservice": report.service,
        "reason": Reason.objects.first(),
        "holiday": Holiday.objects.create(date=now.date(), name={"en": "A holiday"}),
        "routingrule": RoutingRule.objects.create(department=factories.Department()),
        "meeting": meeting,
        "notice": Notice.objects.filter(contact__isnull=False).first()
        or Notice.objects.create(
            kind="engagement.idea_received",
            contact=sender,
            idea=waiting,
            language="en",
            message_id="one@test",
            next_try_at=now,
            created_at=now,
        ),
        "job": queue_job(kind="engagement.import_ideas", by=admin, at=now, parameters={}),
        # by the name of the address, or of a part of it
        "assess pk": own.pk,
        **{
            f"{part} pk": decided.pk
            for part in (
                "round",
                "decision",
                "decisions",
                "ranked",
                "ranking",
                "ranking_file",
                "compare",
                "what_if",
                "adopt",
                "strike",
                "results",
                "result",
                "method",
                "publish",
                "published",
                "lots",
                "sitting",
                "sittings",
                "ballots",
                "ballot",
            )
        },
        "result": services.latest_result(decided).pk,
        "admin:prioritisation_ballots_result pk": decided.pk,
        "admin:prioritisation_ballot_file file": voted.pk,
        "admin:prioritisation_ballots_result result": counted.pk,
        "admin:prioritisation_what_if pk": decided.pk,
        "ranked reference": base["initiatives"][0].reference,
        "admin:prioritisation_delivery_step verb": "start_delivery",
        "admin:prioritisation_fact reference": initiative.reference,
        "reference": base["initiatives"][0].reference,
        "engagement:idea_detail reference": ideas[0].reference,
        "engagement:idea_support reference": ideas[0].reference,
        "api-idea reference": ideas[0].reference,
        "format": "json",
        "open311:service code": report.service.code,
        "open311:request reference": report.reference,
        "open311:token reference": report.reference,
        "engagement:report_detail reference": report.reference,
        "engagement:report_me_too reference": report.reference,
        "api-initiative reference": base["initiatives"][0].reference,
        "admin:prioritisation_sitting sitting": held.pk,
        "amendment pk": plan.plan.pk,
        "reply pk": awaited.pk,
        "slug": plan.plan.slug,
        "engagement:call_detail slug": call.slug,
        "engagement:call_sheet slug": call.slug,
        "engagement:idea_new slug": call.slug,
        "engagement:idea_similar slug": call.slug,
        "engagement:report_new code": report.service.code,
        "engagement:report_similar code": report.service.code,
        "engagement:photo pk": shown.pk,
        "kind": "csv",
        "programme_slug": programme.slug,
        "key": "montreal-2015",
        "app_label": "engagement",
        "admin:engagement_idea_do name": "publish",
        "admin:engagement_report_do name": "start",
        "admin:prioritisation_initiative_do name": "back_to_draft",
        "dev_mail_detail name": "no-such-mail",
        "admin:engagement_job_file key": "refused",
        "language": "fr",
        "admin:engagement_idea_translation pk": waiting.pk,
        "admin:engagement_idea_copies_group pk": copied.pk,
        "criterion": "strategy",
        "level": "5",
        **{f"{part} pk": running.pk for part in ("calibration", "clarify", "opinion")},
        **{f"{part} reference": initiative.reference for part in ("calibration", "opinion")},
        "disagreements pk": decided.pk,
        "disagreement pk": decided.pk,
        "admin:prioritisation_assess_criterion pk": running.pk,
        "step": step.pk,
        "admin:prioritisation_initiative_evidence key": evidence.pk,
        "content_type_id": 1,
        "admin:view_on_site object_id": 1,
        "engagement:tracking_photo pk": own_photo.pk,
        "prioritisation:understood reference": base["ideas"][9].reference,
        "prioritisation:understood token": links.tracking_token(base["ideas"][9]),
        "prioritisation:understood initiative": initiative.reference,
        **{f"admin:engagement_idea_{page} photo": own_photo.pk for page in ("photo", "photo_drawn")},
        **{f"admin:engagement_idea_{page} pk": waiting.pk for page in ("photo", "photo_drawn")},
        **{f"admin:engagement_report_{page} photo": report_photo.pk for page in ("photo", "photo_drawn")},
        **{f"admin:engagement_report_{page} pk": report.pk for page in ("photo", "photo_drawn")},
        **{f"admin:engagement_meeting_{page} photo": wall.pk for page in ("photo", "photo_drawn")},
        **{f"admin:engagement_meeting_{page} pk": meeting.pk for page in ("photo", "photo_drawn")},
        "token": links.tracking_token(waiting),
        # what a page needs besides its address
        "?admin:engagement_idea_do": f"selected={waiting.pk}:{waiting.version}",
        "?admin:engagement_report_do": f"selected={report.pk}:{report.version}",
        "?admin:prioritisation_initiative_do": f"selected={initiative.pk}:{initiative.version}",
        "?admin:prioritisation_round_prepare": f"programme={programme.slug}",
        "?prioritisation:staff_export": "all=1",
    }
    for at in (
        "tracking",
        "tracking_appeal",
        "tracking_correct",
        "tracking_withdraw",
        "tracking_erase",
        "tracking_fixed",
        "tracking_photo",
    ):
        records[f"engagement:{at} reference"] = waiting.reference
    return City(records, found)


def _ballots(round: Round, plan: PlanVersion, by: User, at: datetime) -> tuple[BallotFile, Result]:
    """A file of two ballots that was read and counted before the plan was published."""
    reference = round.entries.values_list("initiative__reference", flat=True)[0]
    sheet = ballots.Sheet({reference: "5"}, Counter({frozenset([reference]): 2}), rows=2)
    content = {"projects": [[reference, "5"]], "ballots": [[[reference], 2]], "rows": 2, "refused": []}
    content |= {"refused_by_reason": {}, "unfit": [], "budget": "10", "declared": 2}
    file = BallotFile.objects.create(
        round=round, name="votes.pb", sha256="1" * 64, content=content, voters=2, made_at=at, made_by=by
    )
    inputs = ballots.inputs_of(sheet, Decimal(10), file.sha256)
    result = Result.objects.create(
        round=round,
        kind=Result.Kind.BALLOTS,
        policy_version=round.policy_version,
        inputs=inputs,
        inputs_sha256=rankings.fingerprint(inputs),
        seed=round.seed,
        code_version="1",
        output=ballots.count(inputs),
        made_at=at,
        made_by=by,
    )
    document = {**plan.document, "ballots": services.ballots_document(round)}
    PlanVersion.objects.filter(pk=plan.pk).update(document=document)
    return file, result
