"""Ideas as the public reads them."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers

from engagement.api.base import Pages, PublicView
from engagement.localized import in_languages
from engagement.models import Idea, Translation
from engagement.querysets import IdeaQuerySet
from engagement.workflow import PUBLIC_IDEA_STATES

STATES = [(value, label) for value, label in Idea.State.choices if value in PUBLIC_IDEA_STATES]


class LocalizedText(serializers.DictField):
    """A text by language: `{"en": "...", "fr": "..."}`. A language without a text may be missing."""

    child = serializers.CharField(allow_blank=True)

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(in_languages(value))  # plans of before have one text of some


class TranslationSerializer(serializers.ModelSerializer[Translation]):
    """What the city's staff put beside the sender's words in another language; it never replaces them."""

    by_machine = serializers.BooleanField(help_text="Made by a machine, and put there by staff.")
    earlier_wording = serializers.BooleanField(help_text="The sender corrected the words since.")

    class Meta:
        model = Translation
        fields = ("language", "title", "problem", "proposal", "by_machine", "earlier_wording", "made_at")
        read_only_fields = fields


class IdeaSerializer(serializers.ModelSerializer[Idea]):
    """An idea in its sender's own words, personal data masked, with what became of it."""

    state = serializers.ChoiceField(choices=STATES)
    outcome = serializers.ChoiceField(
        choices=Idea.Outcome.choices, allow_blank=True, help_text="What a plan made of it; empty before one."
    )
    call = serializers.SlugRelatedField[Any](
        slug_field="slug", read_only=True, help_text="Short name of the invitation that it answers."
    )
    district = serializers.SlugRelatedField[Any](slug_field="code", read_only=True, allow_null=True)
    themes = serializers.SlugRelatedField[Any](slug_field="key", many=True, read_only=True)
    title = serializers.CharField(source="public_title")
    problem = serializers.CharField(source="public_problem")
    proposal = serializers.CharField(source="public_proposal", allow_blank=True)
    translations = TranslationSerializer(
        many=True, read_only=True, help_text="By the city's staff, beside the sender's words."
    )
    outcome_text = LocalizedText(help_text="Why, in public words.")
    outcome_link = serializers.CharField(help_text="Path of the page to read on; may be empty.")

    class Meta:
        model = Idea
        fields = (
            "reference",
            "call",
            "state",
            "outcome",
            "outcome_text",
            "outcome_link",
            "language",
            "channel",
            "title",
            "problem",
            "proposal",
            "translations",
            "themes",
            "whole_city",
            "district",
            "latitude",
            "longitude",
            "received_at",
            "published_at",
        )
        read_only_fields = fields


_DAYS = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 12, 31))]


class IdeaFilter(django_filters.FilterSet):  # type: ignore[misc] # it has no types
    """Filters of the list; they narrow it together."""

    call = django_filters.CharFilter(field_name="call__slug", help_text="Short name of an invitation.")
    theme = django_filters.CharFilter(field_name="themes__key", help_text="Key of a theme.")
    district = django_filters.CharFilter(field_name="district__code", help_text="Code of a district.")
    state = django_filters.ChoiceFilter(choices=STATES)
    outcome = django_filters.ChoiceFilter(choices=Idea.Outcome.choices)
    q = django_filters.CharFilter(
        method="find", max_length=200, help_text="Words, or beginnings of words, without regard to accents."
    )
    received_after = django_filters.DateFilter(
        method="after", validators=_DAYS, help_text="A day; ideas of that day are included."
    )
    received_before = django_filters.DateFilter(
        method="before", validators=_DAYS, help_text="A day; ideas of that day are included."
    )

    class Meta:
        model = Idea
        fields: tuple[str, ...] = ()

    def find(self, ideas: IdeaQuerySet, _name: str, words: str) -> IdeaQuerySet:
        return ideas.matching(words)

    def after(self, ideas: IdeaQuerySet, _name: str, day: date) -> IdeaQuerySet:
        return ideas.filter(received_at__gte=_midnight(day))

    def before(self, ideas: IdeaQuerySet, _name: str, day: date) -> IdeaQuerySet:
        return ideas.filter(received_at__lt=_midnight(day + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    """The day's first moment where the city is."""
    return timezone.make_aware(datetime.combine(day, time.min))


def readable_ideas() -> QuerySet[Idea]:
    """Never hidden, withdrawn, of staff or not eligible. With all that is serialised, in three queries."""
    return Idea.objects.public().readable().with_list_parts()


@extend_schema(tags=["ideas"])
class IdeaList(PublicView, generics.ListAPIView[Idea]):
    """Ideas that the public can read, newest first."""

    serializer_class = IdeaSerializer
    pagination_class = Pages
    filterset_class = IdeaFilter

    def get_queryset(self) -> QuerySet[Idea]:
        return readable_ideas().order_by("-received_at", "-pk")


@extend_schema(tags=["ideas"])
class IdeaDetail(PublicView, generics.RetrieveAPIView[Idea]):
    """One idea. 404 for one that is not public, whatever the reason."""

    serializer_class = IdeaSerializer
    lookup_field = "reference"
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Idea]:
        return readable_ideas()
