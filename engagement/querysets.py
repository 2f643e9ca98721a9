"""Sentences about data that are said more than once, as methods with the public word for them."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import connection, models
from django.db.models import Count, Exists, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from engagement.flags import UNLISTED
from engagement.text import fold
from engagement.workflow import OPEN_IDEA_STATES, PUBLIC_IDEA_STATES, IdeaState, ReportState

if TYPE_CHECKING:
    from engagement.models import (  # noqa: F401
        ArchiveFile,
        Call,
        Event,
        Idea,
        Job,
        LegalHold,
        Notice,
        Referral,
        Report,
        SimilarLink,
        Support,
    )

_M = TypeVar("_M", bound=models.Model)


def matching(text: str) -> Q:
    """Rows whose `search` column has, for each word of `text`, a word that begins with it.

    The column starts with a space (`services.searchable`), so that every word in it follows one.
    """
    condition = Q()
    for word in fold(text).split()[:12]:
        condition &= Q(search__contains=f" {word}")
    return condition


def midnight(at: datetime) -> datetime:
    """When the day of `at` began in the city."""
    return timezone.make_aware(datetime.combine(timezone.localdate(at), time.min))


SUPPORT_KINDS = ("confirmed", "token", "paper")


def _voters(supports: models.QuerySet[Any]) -> Coalesce:
    """How many different people stand behind these supports, as a column of an outer query."""
    counted = supports.values("withdrawn_at").annotate(n=Count("voter", distinct=True)).values("n")
    return Coalesce(Subquery(counted), 0)


class CallQuerySet(models.QuerySet["Call"]):
    def public(self) -> CallQuerySet:
        """Invitations that residents see: all but in-reach."""
        return self.exclude(kind="in_reach")

    def open(self, at: datetime) -> CallQuerySet:
        return self.filter(Q(closes_at__isnull=True) | Q(closes_at__gt=at), opens_at__lte=at)


class _Received(models.QuerySet[_M]):
    """What residents sent in, at `received_at`. Somebody may have it in hand: a claim, for a while."""

    def count_and_oldest(self) -> tuple[int, datetime | None]:
        """How many, and when the one that waits longest came: one query."""
        found = self.order_by().aggregate(count=Count("pk"), oldest=Min("received_at"))
        return found["count"], found["oldest"]

    def oldest_first(self) -> Self:
        return self.order_by("received_at", "pk")

    def in_hand(self, at: datetime) -> Self:
        """What somebody has claimed and not let go of."""
        return self.filter(claimed_until__gt=at)

    def free(self, at: datetime) -> Self:
        """What nobody has in hand."""
        return self.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=at))


class IdeaQuerySet(_Received["Idea"]):
    def public(self) -> IdeaQuerySet:
        """Ideas with a public page: published or answered, whatever became of them, and not junk.

        One that its sender withdrew after publication keeps its page too, without the text.
        """
        # Said by what is left out: asked for a list of states, SQLite goes state by state through the
        # whole table and sorts it, instead of reading idea_public_newest_first in order.
        never = [state for state in IdeaState if state not in {*PUBLIC_IDEA_STATES, IdeaState.WITHDRAWN}]
        return (
            self.filter(eligible=True)
            .exclude(state__in=never)
            .exclude(state=IdeaState.WITHDRAWN, published_at__isnull=True)
            .exclude(call__kind="in_reach")
        )

    def readable(self) -> IdeaQuerySet:
        """Ideas whose text may be shown: neither withdrawn nor hidden with their reason."""
        return self.filter(text_hidden=False).exclude(state=IdeaState.WITHDRAWN)

    def waiting(self) -> IdeaQuerySet:
        """What staff have not decided yet. What is to be published at a set hour was decided."""
        return self.filter(state=IdeaState.RECEIVED, publish_at__isnull=True)

    def to_be_published(self) -> IdeaQuerySet:
        """Checked, and waiting for the hour at which they become public."""
        return self.filter(state=IdeaState.RECEIVED, publish_at__isnull=False)

    def due_for_publication(self, at: datetime) -> IdeaQuerySet:
        return self.filter(state=IdeaState.RECEIVED, publish_at__lte=at).order_by("publish_at", "pk")

    def waiting_for_correction(self) -> IdeaQuerySet:
        """Sent back to be worded otherwise: their senders have the next move."""
        return self.filter(state=IdeaState.CORRECTION)

    def published(self) -> IdeaQuerySet:
        return self.filter(state=IdeaState.PUBLISHED)

    def counted(self) -> IdeaQuerySet:
        """Ideas that the funnel counts: not tests, advertising or the same text sent twice."""
        return self.filter(eligible=True)

    def owed_an_answer(self) -> IdeaQuerySet:
        return self.filter(state__in=OPEN_IDEA_STATES)

    def matching(self, text: str) -> IdeaQuerySet:
        return self.filter(matching(text)) if fold(text) else self

    def with_supporters(self) -> IdeaQuerySet:
        """With `supporters_confirmed`, `supporters_token` and `supporters_paper`: in the one query.

        People who support the idea or one that stands joined with it, each counted once: those of the
        idea, and those of the joined ones who are not among them. No voter is of two kinds.
        """
        related: Any = self.model._meta.get_field("supports").related_model
        supports = related.objects.standing()
        own = supports.filter(idea=OuterRef("pk"))
        joined = supports.filter(
            idea__links_to_original__original=OuterRef("pk"),
            idea__links_to_original__undone_at__isnull=True,
        ).exclude(Exists(supports.filter(idea=OuterRef(OuterRef("pk")), voter=OuterRef("voter"))))
        return self.annotate(
            **{
                f"supporters_{kind}": _voters(own.filter(kind=kind)) + _voters(joined.filter(kind=kind))
                for kind in SUPPORT_KINDS
            }
        )

    def in_brief(self) -> IdeaQuerySet:
        """What one line of a list says; the texts, which are long, stay in the database."""
        return self.select_related("district").only(
            *("reference", "call", "language", "state", "outcome", "text_hidden", "public_title"),
            "received_at",
            *("whole_city", "district__code", "district__name"),
        )

    def with_translated_title(self, language: str) -> IdeaQuerySet:
        """With `translated_title`, where staff put a translation into this language beside the words."""
        translations: Any = self.model._meta.get_field("translations").related_model
        beside = translations.objects.filter(idea=OuterRef("pk"), language=language).values("title")[:1]
        return self.annotate(translated_title=Subquery(beside))

    def with_translated_words(self, language: str) -> IdeaQuerySet:
        """The same with `translated_problem`, where the problem is shown too."""
        translations: Any = self.model._meta.get_field("translations").related_model
        beside = translations.objects.filter(idea=OuterRef("pk"), language=language).values("problem")[:1]
        return self.with_translated_title(language).annotate(translated_problem=Subquery(beside))

    def with_words(self) -> IdeaQuerySet:
        """What another idea's page shows of one: its words, and whether they may be shown."""
        return self.only("reference", "language", "state", "text_hidden", "public_title", "public_problem")

    def with_public_words(self) -> IdeaQuerySet:
        """The words that everybody may read, and no others."""
        return self.only("language", "public_title", "public_problem", "public_proposal")

    def with_page_parts(self) -> IdeaQuerySet:
        """What the public page of an idea shows, without what only staff and search read.

        With `has_photos`, `has_translations` and `is_joined`: most ideas have none of them, and then
        nobody asks for them.
        """
        photos: Any = self.model._meta.get_field("photos").related_model
        translations: Any = self.model._meta.get_field("translations").related_model
        links: Any = self.model._meta.get_field("links_to_original").related_model
        joined = links.objects.standing().filter(Q(idea=OuterRef("pk")) | Q(original=OuterRef("pk")))
        return (
            self.select_related("call", "district", "meeting")
            .defer(
                *("title", "problem", "proposal", "confidential_answers", "search", "district__boundary"),
                *("call__intro", "call__consent", "call__planned_dates", "call__judging_questions"),
            )
            .annotate(
                has_photos=Exists(photos.objects.filter(idea=OuterRef("pk"))),
                has_translations=Exists(translations.objects.filter(idea=OuterRef("pk"))),
                is_joined=Exists(joined),
            )
        )

    def with_list_parts(self) -> IdeaQuerySet:
        """Everything a list row shows, in a fixed number of queries."""
        # The outline of a district is large, and no list draws it.
        return (
            self.select_related("call", "district")
            .defer("district__boundary")
            .prefetch_related("themes", "translations")
        )


class ReportQuerySet(_Received["Report"]):
    def public(self) -> ReportQuerySet:
        """Reports with a public page."""
        hidden = (ReportState.WITHDRAWN, ReportState.AS_IDEA)
        services: Any = self.model._meta.get_field("service").related_model
        # Asked apart: joined, a database begins at the services and sorts all their reports, instead of
        # reading report_newest_first in order.
        private = services.objects.filter(private=True)
        return self.exclude(state__in=hidden).exclude(service__in=private.values("pk"))

    def listed(self) -> ReportQuerySet:
        """Public reports that lists, maps, feeds and suggestions show.

        What looks as if a program had sent it is on none of them until staff have started on it or told of
        it; closing it is not enough, for so one ends what nobody should read.
        """
        flags: Any = self.model._meta.get_field("flags").related_model
        events: Any = self.model._meta.get_field("events").related_model
        looked_at = events.objects.filter(report=OuterRef("report"), verb__in=("start", "update"))
        held = flags.objects.filter(~Exists(looked_at), report__isnull=False, kind__in=UNLISTED)
        return self.public().exclude(pk__in=held.order_by().values("report"))

    def open(self) -> ReportQuerySet:
        return self.filter(state__in=(ReportState.RECEIVED, ReportState.IN_PROGRESS))

    def late(self, at: datetime) -> ReportQuerySet:
        """Open although the day on which they were to be done is over."""
        return self.open().filter(expected_at__lt=midnight(at))

    def in_brief(self) -> ReportQuerySet:
        """What one line of a public list says, with `people_too` and `has_photo`: in the one query."""
        me_toos: Any = self.model._meta.get_field("me_toos").related_model
        photos: Any = self.model._meta.get_field("photos").related_model
        standing = me_toos.objects.filter(report=OuterRef("pk"), withdrawn_at__isnull=True).order_by()
        counted = standing.values("report").annotate(n=Count("pk")).values("n")
        return (
            self.select_related("service", "district")
            .only(
                *("reference", "language", "state", "public_description", "whole_city", "address"),
                *("received_at", "changed_at", "expected_at", "latitude"),
                *("service__code", "service__name", "district__code", "district__name"),
            )
            .annotate(
                people_too=Coalesce(Subquery(counted), 0),
                has_photo=Exists(photos.objects.filter(report=OuterRef("pk"))),
            )
        )

    def waiting(self) -> ReportQuerySet:
        """What staff have not looked at yet."""
        return self.filter(state=ReportState.RECEIVED)

    def of_department(self, department: int | str) -> ReportQuerySet:
        """Those that rules sent there; where no rule did, those of its report services."""
        by_service = Q(department__isnull=True, service__department=department)
        return self.filter(Q(department=department) | by_service)

    def for_member(self, department: int | None) -> ReportQuerySet:
        """Those that who may not see all sees as a member of this department: its own, in whatever state."""
        return self.none() if department is None else self.of_department(department)

    def came_back(self) -> ReportQuerySet:
        """Those of which the sender says that they are not fixed, and that nobody started on since."""
        return self.waiting().filter(self._said_not_fixed())

    def _said_not_fixed(self) -> Exists:
        events: Any = self.model._meta.get_field("events").related_model
        return Exists(events.objects.filter(report=OuterRef("pk"), verb="not_fixed"))

    def open_in_figures(self, at: datetime) -> dict[str, Any]:
        """Of what is open: `count`, `oldest` (when the one that waits longest came), how many are `late` and
        how many came `back`: one query."""
        return (
            self.open()
            .order_by()
            .aggregate(
                count=Count("pk"),
                oldest=Min("received_at"),
                late=Count("pk", filter=Q(expected_at__lt=midnight(at))),
                back=Count("pk", filter=Q(state=ReportState.RECEIVED) & Q(self._said_not_fixed())),
            )
        )

    def matching(self, text: str) -> ReportQuerySet:
        return self.filter(matching(text)) if fold(text) else self


class SupportQuerySet(models.QuerySet["Support"]):
    def standing(self) -> SupportQuerySet:
        """Supports that were not taken back."""
        return self.filter(withdrawn_at__isnull=True)


class SimilarLinkQuerySet(models.QuerySet["SimilarLink"]):
    def standing(self) -> SimilarLinkQuerySet:
        return self.filter(undone_at__isnull=True)


class ReferralQuerySet(models.QuerySet["Referral"]):
    def unanswered(self) -> ReferralQuerySet:
        """Asked, not answered, and still the last place to which the idea was passed on."""
        later = self.model._default_manager.filter(idea=OuterRef("idea"), pk__gt=OuterRef("pk"))
        return self.filter(~Exists(later), answered_at__isnull=True, idea__state=IdeaState.PASSED_ON)

    def for_member(self, department: int | None) -> ReferralQuerySet:
        """Those that a member of this department may see: what was passed on to it, whenever that was."""
        return self.filter(department=department, department__isnull=False)

    def count_and_oldest(self) -> tuple[int, datetime | None]:
        """How many, and when the one that waits longest was asked: one query."""
        found = self.order_by().aggregate(count=Count("pk"), oldest=Min("asked_at"))
        return found["count"], found["oldest"]


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def standing(self) -> LegalHoldQuerySet:
        return self.filter(lifted_at__isnull=True)

    def over(self, record: Idea | Report) -> LegalHoldQuerySet:
        """Holds that protect the record: its own, and one of what it was taken for (`Transfer`)."""
        own, other = ("idea", "report") if record._meta.model_name == "idea" else ("report", "idea")
        return self.filter(Q(**{own: record}) | Q(**{f"{other}__transfer__{own}": record}))


class EventQuerySet(models.QuerySet["Event"]):
    def standing(self) -> EventQuerySet:
        """What happened and still holds: neither what was undone before anybody was told, nor its undoing."""
        return self.filter(undoes__isnull=True, undone_by__isnull=True)

    def in_brief(self) -> EventQuerySet:
        """What a line of the public timeline says."""
        return self.only("idea", "report", "at", "actor", "verb", "reason", "text")

    def public(self) -> EventQuerySet:
        """What residents may read."""
        return self.standing().filter(public=True)


class ArchiveFileQuerySet(models.QuerySet["ArchiveFile"]):
    def visible(self) -> ArchiveFileQuerySet:
        """Files that figures are made of, the newest first: of a request in several the newest file tells."""
        return self.filter(removed_at__isnull=True).order_by("-imported_at", "-pk")


class _Claimable(models.QuerySet[Any]):
    def locked(self) -> Any:
        """The same rows, skipping those another worker holds, where the database can."""
        if connection.features.has_select_for_update_skip_locked:
            return self.select_for_update(skip_locked=True)
        return self


class NoticeQuerySet(_Claimable):
    def due(self, at: datetime) -> NoticeQuerySet:
        """Waiting, time to try, and not in another worker's hands."""
        return self.filter(state="waiting", next_try_at__lte=at).filter(
            Q(lease_until__isnull=True) | Q(lease_until__lt=at)
        )

    def failed(self) -> NoticeQuerySet:
        return self.filter(state="failed")


class JobQuerySet(_Claimable):
    def due(self, at: datetime, app: str) -> JobQuerySet:
        """Of this app's kinds: waiting, or running without a sign of life since its lease ran out."""
        return self.waiting(at).filter(kind__startswith=f"{app}.")

    def waiting(self, at: datetime) -> JobQuerySet:
        """Nobody does it: not begun, or given up by the worker that began it."""
        return self.filter(Q(state="queued") | Q(state="running", lease_until__lt=at))

    def running(self, at: datetime) -> JobQuerySet:
        """In the hands of a worker that lives."""
        return self.filter(state="running", lease_until__gte=at)
