"""Records for tests. They write directly, as only tests may; the domain itself goes through services."""

from datetime import UTC, datetime
from typing import Any

import factory
from django.contrib.auth.models import Permission

from engagement import models as engagement
from engagement.services.ideas import searchable
from prioritisation import models as prioritisation

OPENED = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
NOW = datetime(2026, 5, 4, 16, 0, tzinfo=UTC)


class Department(factory.django.DjangoModelFactory):
    class Meta:
        model = engagement.Department

    code = factory.Sequence(lambda n: f"department-{n}")
    name = factory.Sequence(lambda n: {"en": f"Department {n}", "fr": f"Service {n}"})


class User(factory.django.DjangoModelFactory):
    class Meta:
        model = engagement.User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"staff{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@city.example")
    is_staff = True
    language = "en"


def permissions_named(*names: str) -> list[Permission]:
    """Permissions by the name that `has_perm` takes: "engagement.triage_idea"."""
    pairs = (name.split(".") for name in names)
    return [Permission.objects.get(content_type__app_label=app, codename=code) for app, code in pairs]


def staff(username: str, *, permissions: list[str] | None = None, superuser: bool = False) -> engagement.User:
    """A member of staff who can sign in with the password "sesame-sesame"."""
    user = User(username=username, is_superuser=superuser)
    user.set_password("sesame-sesame")
    user.save()
    user.user_permissions.add(*permissions_named(*(permissions or [])))
    return engagement.User.objects.get(pk=user.pk)


class District(factory.django.DjangoModelFactory):
    class Meta:
        model = engagement.District

    code = factory.Sequence(lambda n: f"d{n}")
    name = factory.Sequence(lambda n: {"en": f"District {n}", "fr": f"Arrondissement {n}"})


class Theme(factory.django.DjangoModelFactory):
    class Meta:
        model = engagement.Theme

    key = factory.Sequence(lambda n: f"theme-{n}")
    label = factory.Sequence(lambda n: {"en": f"Theme {n}", "fr": f"Thème {n}"})


class Call(factory.django.DjangoModelFactory):
    class Meta:
        model = engagement.Call

    slug = factory.Sequence(lambda n: f"call-{n}")
    title = {"en": "Ideas for a better city", "fr": "Des idées pour une meilleure ville"}
    opens_at = OPENED
    created_at = OPENED


class Contact(factory.django.DjangoModelFactory):
    class Meta:
        model = engagement.Contact

    email = factory.Sequence(lambda n: f"resident{n}@mail.example")
    language = "en"
    updates_consent_at = NOW
    created_at = NOW


class Idea(factory.django.DjangoModelFactory):
    class Meta:
        model = engagement.Idea
        skip_postgeneration_save = True

    call = factory.SubFactory(Call)
    # Far from the first numbers, which services give out.
    reference = factory.Sequence(lambda n: f"2026-{n + 50001:05d}")
    language = "en"
    state = "received"
    title = factory.Sequence(lambda n: f"The bus stop {n} has no shelter")
    problem = factory.LazyAttribute(lambda idea: f"{idea.title}, and people wait in the rain.")
    public_title = factory.SelfAttribute("title")
    public_problem = factory.SelfAttribute("problem")
    received_at = NOW
    changed_at = NOW
    nonce = factory.Sequence(lambda n: f"{n:032x}")
    published_at = factory.LazyAttribute(lambda idea: NOW if idea.state != "received" else None)


def note(idea: Any, at: datetime, **values: Any) -> Any:
    """A note that waits, of somebody else each time."""
    made = {"kind": "fact", "text": "It floods there.", "public_text": "It floods there.", "language": "en"}
    number = engagement.Note.objects.count()
    return engagement.Note.objects.create(
        **{"idea": idea, "voter": f"{number:064}", "sent_at": at, **made, **values}
    )


class ReportService(factory.django.DjangoModelFactory):
    class Meta:
        model = engagement.ReportService

    code = factory.Sequence(lambda n: f"service-{n}")
    name = factory.Sequence(lambda n: {"en": f"Service {n}", "fr": f"Service {n}"})


class Report(factory.django.DjangoModelFactory):
    class Meta:
        model = engagement.Report

    service = factory.SubFactory(ReportService)
    reference = factory.Sequence(lambda n: f"R2026-{n + 500001:06d}")
    language = "en"
    description = "The lamp at the corner is dark."
    public_description = factory.SelfAttribute("description")
    search = factory.LazyAttribute(
        lambda report: searchable(
            report.reference, report.public_description, getattr(report, "address", "") or ""
        )
    )
    received_at = NOW
    changed_at = NOW
    nonce = factory.Sequence(lambda n: f"{n:032x}")


class Reason(factory.django.DjangoModelFactory):
    class Meta:
        model = engagement.Reason
        django_get_or_create = ("action", "code")

    action = "decline"
    code = "not_city"
    label = {"en": "Not the city's task", "fr": "Hors des compétences de la Ville"}
    text = {"en": "Another government looks after this.", "fr": "Un autre gouvernement s’en occupe."}


class Programme(factory.django.DjangoModelFactory):
    class Meta:
        model = prioritisation.Programme

    slug = factory.Sequence(lambda n: f"programme-{n}")
    title = {"en": "Action plan", "fr": "Plan d’action"}
    created_at = OPENED


def member(programme: Any, user: Any, *roles: str) -> Any:
    """`user`, now in `programme` in each of `roles`."""
    for role in roles:
        prioritisation.Membership.objects.create(programme=programme, user=user, role=role)
    return user


class Initiative(factory.django.DjangoModelFactory):
    class Meta:
        model = prioritisation.Initiative

    programme = factory.SubFactory(Programme)
    reference = factory.Sequence(lambda n: f"I2031-{n + 1:05d}")
    title = factory.Sequence(
        lambda n: {"en": f"Shelters along line {n}", "fr": f"Des abris sur la ligne {n}"}
    )
    created_at = NOW
    changed_at = NOW
