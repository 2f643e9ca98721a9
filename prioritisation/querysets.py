"""Sentences about programmes, initiatives and rounds that are said more than once."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Exists, F, Max, OuterRef, Q, Subquery

from engagement.querysets import matching
from engagement.text import fold
from prioritisation.workflow import DeliveryState, InitiativeState, RoundState

if TYPE_CHECKING:
    from engagement.models import User
    from prioritisation.models import (  # noqa: F401
        Assessment,
        Assignment,
        ChecklistItem,
        Decision,
        DeliveryStep,
        EvidenceLink,
        Initiative,
        Plan,
        PlanVersion,
        PolicyVersion,
        Programme,
        Round,
    )


def _member(user: User, path: str, roles: tuple[str, ...]) -> Q:
    """Rows of programmes in which `user` has one of `roles` (any, when none is named)."""
    if user.is_superuser:
        return Q()
    condition = {f"{path}memberships__user": user}
    if roles:
        condition[f"{path}memberships__role__in"] = roles  # type: ignore[assignment]
    return Q(**condition)


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def seen_by(self, user: User, *roles: str) -> ProgrammeQuerySet:
        """Programmes that `user` is a member of, in one of `roles` where named."""
        return self.filter(_member(user, "", roles)).distinct()


class ChecklistQuerySet(models.QuerySet["ChecklistItem"]):
    def by_date(self) -> ChecklistQuerySet:
        """The nearest first; steps without a date last."""
        return self.order_by(F("due_on").asc(nulls_last=True), "order", "pk")

    def open(self) -> ChecklistQuerySet:
        return self.filter(done_at__isnull=True)

    def late(self, today: date) -> ChecklistQuerySet:
        """Not done, and due before today."""
        return self.open().filter(due_on__lt=today)


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def seen_by(self, user: User, *roles: str) -> PolicyVersionQuerySet:
        return self.filter(_member(user, "programme__", roles)).distinct()

    def approved(self) -> PolicyVersionQuerySet:
        return self.filter(approved_at__isnull=False)


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    def seen_by(self, user: User, *roles: str) -> InitiativeQuerySet:
        return self.filter(_member(user, "programme__", roles)).distinct()

    def matching(self, text: str) -> InitiativeQuerySet:
        """Found by reference or by words of title, need and summary."""
        return self.filter(matching(text)) if fold(text) else self

    def worked_up(self) -> InitiativeQuerySet:
        """Everything that left the drawing board: ready, chosen, set aside or merged."""
        return self.exclude(state=InitiativeState.DRAFT)

    def drafts(self) -> InitiativeQuerySet:
        """Not ready for assessment yet."""
        return self.filter(state=InitiativeState.DRAFT)

    def standing(self) -> InitiativeQuerySet:
        """Neither set aside nor merged."""
        return self.filter(state__in=(InitiativeState.DRAFT, InitiativeState.READY, InitiativeState.CHOSEN))

    def followed(self) -> InitiativeQuerySet:
        """What a published plan holds, and the city therefore has to carry out."""
        versions = self.model._meta.apps.get_model("prioritisation", "PlanVersion")._default_manager
        published = versions.filter(plan__programme=OuterRef("programme"))
        return self.filter(Exists(published), state=InitiativeState.CHOSEN)

    def under_way(self) -> InitiativeQuerySet:
        """Followed, and neither delivered nor dropped."""
        return self.followed().filter(delivery__in=("", DeliveryState.STARTED))

    def late(self, today: date) -> InitiativeQuerySet:
        """Under way, and the date of the next step is past."""
        return self.under_way().filter(expected_on__lt=today)

    def with_news_at(self) -> InitiativeQuerySet:
        """With `news_at`, when its newest step was taken; None where there was none."""
        return self.annotate(news_at=Max("delivery_steps__at", filter=Q(delivery_steps__undone_at=None)))

    def without_news(self, since: datetime) -> InitiativeQuerySet:
        """Under way, and nothing was told since: neither by publishing it nor by a step."""
        steps = self.model._meta.apps.get_model("prioritisation", "DeliveryStep")._default_manager
        told = steps.filter(initiative=OuterRef("pk"), at__gte=since, undone_at__isnull=True)
        return self.under_way().filter(~Exists(told), ~Q(programme__plan__versions__published_at__gte=since))


class DeliveryStepQuerySet(models.QuerySet["DeliveryStep"]):
    def standing(self) -> DeliveryStepQuerySet:
        """Steps that were not undone, the oldest first."""
        return self.filter(undone_at__isnull=True).order_by("at", "pk")


class RoundQuerySet(models.QuerySet["Round"]):
    def seen_by(self, user: User, *roles: str) -> RoundQuerySet:
        return self.filter(_member(user, "programme__", roles)).distinct()

    def with_scores_readable(self) -> RoundQuerySet:
        """Rounds whose figures may be seen at all: nothing leaks before closing."""
        return self.filter(state__in=(RoundState.CLOSED, RoundState.DECIDED))

    def waiting_for_decisions(self) -> RoundQuerySet:
        """Scored and not decided. `pending` is how many decisions are drafted and not published."""
        drafted = Q(decisions__isnull=False, decisions__published_at__isnull=True)
        return self.filter(state=RoundState.CLOSED).annotate(
            pending=Count("decisions", filter=drafted, distinct=True)
        )


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def of(self, user: User) -> AssignmentQuerySet:
        return self.filter(assessor=user)

    def without_conflict(self) -> AssignmentQuerySet:
        return self.filter(conflict_at__isnull=True)

    def not_handed_in(self) -> AssignmentQuerySet:
        return self.filter(Q(assessment__isnull=True) | Q(assessment__submitted_at__isnull=True))

    def in_open_rounds(self) -> AssignmentQuerySet:
        return self.filter(entry__round__state=RoundState.OPEN)

    def to_do(self) -> AssignmentQuerySet:
        """Not handed in and not in conflict; put-off ones come last."""
        return (
            self.without_conflict()
            .not_handed_in()
            .order_by(F("skipped_at").asc(nulls_first=True), "position")
        )


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def counted(self) -> AssessmentQuerySet:
        """Handed in, by an assessor without a conflict: the set R of METHOD 5."""
        return self.filter(submitted_at__isnull=False, assignment__conflict_at__isnull=True)


class EvidenceLinkQuerySet(models.QuerySet["EvidenceLink"]):
    def standing(self) -> EvidenceLinkQuerySet:
        """Not taken away again."""
        return self.filter(removed_at__isnull=True)


class DecisionQuerySet(models.QuerySet["Decision"]):
    def published(self) -> DecisionQuerySet:
        return self.filter(published_at__isnull=False)

    def pending(self) -> DecisionQuerySet:
        return self.filter(published_at__isnull=True)


class PlanQuerySet(models.QuerySet["Plan"]):
    def published(self) -> PlanQuerySet:
        return self.filter(versions__isnull=False).distinct()


class PlanVersionQuerySet(models.QuerySet["PlanVersion"]):
    def newest(self) -> PlanVersionQuerySet:
        """Of each plan the version that counts, the plan published last first."""
        later = self.model._default_manager.filter(plan=OuterRef("plan")).order_by("-number")
        return self.filter(number=Subquery(later.values("number")[:1])).order_by("-published_at", "-pk")
