"""Published plans: read from the document of the newest version, a query or two for each answer."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.api.base import Pages, PublicView
from prioritisation import plan_documents, services
from prioritisation.api.serializers import (
    FunnelSerializer,
    InitiativeSerializer,
    PlanDetailSerializer,
    PlanSerializer,
)
from prioritisation.models import Decision, Initiative, PlanVersion
from prioritisation.plan_documents import Document, Entry, Wanted

Live = Mapping[str, services.Followed]


def newest_version(slug: str) -> PlanVersion:
    version = PlanVersion.objects.newest().select_related("plan").filter(plan__slug=slug).first()
    if version is None:
        raise Http404
    return version


def _live(version: PlanVersion) -> Live:
    """By reference how far the plan's initiatives are today: beside the document, which never changes."""
    return services.followed(version.plan.programme_id, timezone.localdate())


def _counted(document: Document, live: Live) -> dict[str, int]:
    chosen = (one["reference"] for one in plan_documents.chosen(document))
    return services.delivery_counts(live[one] for one in chosen if one in live)


def _with_delivery(entry: Entry, live: Live) -> dict[str, Any]:
    one = live.get(entry["reference"])
    told = {"state": one.state, "expected_on": one.expected_on, "late": one.late} if one else None
    return {**entry, "delivery": told}


def _summary(document: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """`document` needs its plan and its funnel only; `row`: number, published_at, sha256."""
    return {
        **document["plan"],
        "version": row["number"],
        "published_at": row["published_at"],
        "sha256": row["sha256"],
        "received": document["funnel"]["received"],
        "chosen": document["funnel"]["stages"][-1]["onward"],
    }


class PlanList(PublicView, generics.GenericAPIView[Any]):
    """Published plans, the newest first."""

    pagination_class = Pages
    filter_backends = ()

    @extend_schema(tags=["plans"], responses=PlanSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = PlanVersion.objects.newest().values(
            "number", "published_at", "sha256", "document__plan", "document__funnel"
        )
        page = self.paginate_queryset(rows) or []
        plans = [
            _summary({"plan": row["document__plan"], "funnel": row["document__funnel"]}, row) for row in page
        ]
        return self.get_paginated_response(PlanSerializer(plans, many=True).data)


class PlanDetail(PublicView):
    """One plan: who decided, by which rules, and its fingerprints."""

    @extend_schema(tags=["plans"], responses=PlanDetailSerializer)
    def get(self, request: Request, slug: str) -> Response:
        version = newest_version(slug)
        document = version.document
        facts = {"number": version.number, "published_at": version.published_at, "sha256": version.sha256}
        plan = {
            **_summary(document, facts),
            "body": document["programme"]["body"],
            "second_person": document["second_person"],
            "sittings": document.get("sittings", []),
            "draws": document.get("draws", []),
            "amendments": document.get("amendments", []),
            "understood": document.get("understood"),
            "selection": document.get("selection"),
            "delivery": _counted(document, _live(version)),
            "rules": document["policy"],
            "result_sha256": document["result"]["sha256"] if document["result"] else None,
        }
        return Response(PlanDetailSerializer(plan).data)


class PlanFunnel(PublicView):
    """How many ideas and initiatives came in, went on, left (with reasons) and wait, stage by stage."""

    @extend_schema(tags=["plans"], responses=FunnelSerializer)
    def get(self, request: Request, slug: str) -> Response:
        return Response(FunnelSerializer(newest_version(slug).document["funnel"]).data)


class WantedSerializer(serializers.Serializer[Any]):
    """What is asked for. A value that no initiative has gives an empty list; a wrong outcome is 400."""

    outcome = serializers.ChoiceField(choices=Decision.OUTCOMES, required=False)
    theme = serializers.CharField(required=False, max_length=200, help_text="Key of a theme.")
    district = serializers.CharField(
        required=False, max_length=200, help_text="Code; initiatives for the whole city are included."
    )
    owner = serializers.CharField(required=False, max_length=200, help_text="Code of a department.")
    timeframe = serializers.CharField(
        required=False, max_length=200, help_text="Key of a time frame of the plan's rules."
    )
    delivery = serializers.ChoiceField(
        choices=[*Initiative.Delivery.values, services.LATE],
        required=False,
        help_text="How far it is carried out today.",
    )


class InitiativeList(PublicView, generics.GenericAPIView[Any]):
    """A plan's initiatives with their decisions: chosen ones first, each group by rank."""

    pagination_class = Pages
    filter_backends = ()

    @extend_schema(
        tags=["plans"],
        parameters=[WantedSerializer],
        responses=InitiativeSerializer(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        asked = WantedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        version = newest_version(slug)
        document, live = version.document, _live(version)
        called = {reference: one.called for reference, one in live.items()}
        wanted = Wanted(**asked.validated_data)
        found = [
            _with_delivery(one, live)
            for one in plan_documents.entries(document)
            if wanted.fits(document, one, called)
        ]
        page = self.paginate_queryset(found) or []
        return self.get_paginated_response(InitiativeSerializer(page, many=True).data)


class InitiativeDetail(PublicView):
    """One initiative of a plan."""

    @extend_schema(tags=["plans"], responses=InitiativeSerializer)
    def get(self, request: Request, slug: str, reference: str) -> Response:
        version = newest_version(slug)
        entry = plan_documents.find(version.document, reference)
        if entry is None:
            raise Http404
        return Response(InitiativeSerializer(_with_delivery(entry, _live(version))).data)
