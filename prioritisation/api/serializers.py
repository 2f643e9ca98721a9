"""What the API says of a plan. Every field is named; nothing of a document goes out by itself."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from engagement.api.ideas import LocalizedText
from prioritisation.models import CostLine, Decision, Initiative
from prioritisation.services.funnel import OUTCOMES

Fields = serializers.Serializer[Any]


def _shape(name: str, fields: dict[str, Any]) -> type[Fields]:
    """A serializer class whose fields may have any name, `in` among them."""
    return type(inline_serializer(name, fields=fields))


def _count(text: str = "") -> serializers.IntegerField:
    return serializers.IntegerField(help_text=text)


class NamedSerializer(Fields):
    code = serializers.CharField()
    name = LocalizedText()


class ThemeImpactSerializer(Fields):
    key = serializers.CharField()
    kind = serializers.CharField()
    label: Any = LocalizedText()
    impact = serializers.IntegerField(help_text="1 some, 2 clear, 3 main.")


class CostLineSerializer(Fields):
    label: Any = LocalizedText()
    amount = serializers.CharField(help_text="A decimal number, as text.")
    kind = serializers.ChoiceField(choices=CostLine.Kind.choices)
    year = serializers.IntegerField(allow_null=True)
    funding = serializers.ChoiceField(choices=CostLine.Funding.choices)


class ScoreSerializer(Fields):
    points = serializers.FloatField(help_text="0 to 100.")
    reviews = _count("How many assessors judged it.")
    tied = serializers.BooleanField()
    criteria = serializers.DictField(
        child=serializers.FloatField(), help_text="The points split by criterion."
    )


_FiguresSerializer = _shape(
    "ReportFigures",
    {
        "total": serializers.IntegerField(allow_null=True, help_text="None where it is 1 to 4."),
        "by_hour_of_week": serializers.ListField(
            child=serializers.ListField(child=serializers.IntegerField(allow_null=True)),
            help_text="7 days from Monday, of 24 hours. None is a small number that is not shown.",
        ),
        "by_month": serializers.ListField(
            child=serializers.ListField(), help_text='Pairs such as ["2026-01", 12], zeros included.'
        ),
        "without_place": serializers.IntegerField(allow_null=True),
        "date_only": serializers.IntegerField(allow_null=True),
        "duplicates": serializers.IntegerField(allow_null=True),
        "files": serializers.ListField(child=serializers.ListField(), help_text="Pairs of file and licence."),
        "archive": serializers.CharField(help_text="Fingerprint of the files that were read."),
    },
)
EvidenceSerializer = _shape(
    "Evidence",
    {
        "services": serializers.ListField(child=serializers.CharField()),
        "from": serializers.DateField(),
        "to": serializers.DateField(),
        "note": LocalizedText(),
        "whole_city": serializers.BooleanField(),
        "districts": NamedSerializer(many=True),
        "population": serializers.IntegerField(allow_null=True, help_text="Residents of the area."),
        "as_of": serializers.CharField(help_text="When it was counted."),
        "figures": _FiguresSerializer(),
    },
)
"""What problem reports said about an initiative when its round was opened (`evidence_documents`)."""


SittingSerializer = _shape(
    "Sitting",
    {
        "id": serializers.IntegerField(),
        "body": LocalizedText(),
        "held_on": serializers.DateField(),
        "resolution": serializers.CharField(allow_blank=True),
        "present": serializers.CharField(allow_blank=True),
        "stood_aside": serializers.CharField(allow_blank=True),
    },
)
OverrideSerializer = _shape(
    "Override",
    {
        "reason": LocalizedText(),
        "rank": serializers.IntegerField(allow_null=True),
        "places": serializers.IntegerField(allow_null=True),
    },
)
LotSerializer = _shape(
    "Lot",
    {
        "id": serializers.IntegerField(help_text="Of the draw."),
        "place": _count("In the order drawn."),
        "among": _count(),
        "places": _count(),
    },
)
UnderstoodSerializer = _shape(
    "Understood",
    {
        "asked": _count("Senders who were asked whether the city understood them."),
        "yes": _count(),
        "partly": _count(),
        "no": _count(),
        "silent": _count("Asked, and did not answer."),
    },
)
GateFindingSerializer = _shape(
    "GateFinding",
    {
        "key": serializers.CharField(),
        "label": LocalizedText(),
        "verdict": serializers.CharField(help_text="fail, needs_information or waived."),
        "reason": serializers.CharField(allow_blank=True),
        "text": LocalizedText(),
    },
)
RecommendedSerializer = _shape(
    "Recommended",
    {
        "outcome": serializers.ChoiceField(choices=Decision.OUTCOMES),
        "reason": serializers.CharField(allow_blank=True),
        "text": LocalizedText(),
    },
)
AmendmentSerializer = _shape(
    "Amendment",
    {
        "number": _count(),
        "adopted_on": serializers.DateTimeField(),
        "sitting": serializers.IntegerField(help_text="Key of the sitting."),
        "vote": serializers.CharField(),
    },
)
DrawSerializer = _shape(
    "Draw",
    {
        "id": serializers.IntegerField(),
        "places": _count(),
        "seed_rule": LocalizedText(),
        "seed": serializers.CharField(help_text="A lot: sha256 of seed, space, reference. Lowest first."),
        "announced_on": serializers.DateTimeField(),
        "drawn_on": serializers.DateTimeField(allow_null=True, help_text="Null: called off before."),
        "order": serializers.ListField(child=serializers.CharField()),
        "cancelled_on": serializers.DateTimeField(
            allow_null=True, required=False, help_text="When it was called off, if it was."
        ),
        "cancel_reason": LocalizedText(required=False),
    },
)


DeliverySerializer = _shape(
    "Delivery",
    {
        "state": serializers.ChoiceField(choices=Initiative.Delivery.choices),
        "expected_on": serializers.DateField(
            allow_null=True, help_text="By when it starts (planned) or is done (started)."
        ),
        "late": serializers.BooleanField(help_text="Is that day past?"),
    },
)
_counts = {name: _count() for name in (*Initiative.Delivery.values, "late", "all")}
DeliveryCountsSerializer = _shape("DeliveryCounts", _counts)


class InitiativeSerializer(Fields):
    """An initiative as it was published, with its decision."""

    reference = serializers.CharField()
    title = LocalizedText()
    need = LocalizedText()
    need_of = LocalizedText()
    need_evidence = LocalizedText()
    summary = LocalizedText()
    who_gains = LocalizedText()
    kind = serializers.ChoiceField(choices=Initiative.Kind.choices)
    whole_city = serializers.BooleanField()
    districts = NamedSerializer(many=True)
    owner = NamedSerializer(allow_null=True)
    timeframe_months = serializers.IntegerField(allow_null=True)
    quick_win = serializers.BooleanField()
    foundational = serializers.BooleanField()
    themes = ThemeImpactSerializer(many=True)
    costs = CostLineSerializer(many=True)
    ideas = serializers.ListField(child=serializers.CharField(), help_text="References of ideas.")
    outcome = serializers.ChoiceField(choices=Decision.OUTCOMES)
    reason = serializers.CharField(allow_blank=True)
    reason_label = LocalizedText()
    text = LocalizedText(help_text="The public reason.")
    merged_into = serializers.CharField(allow_null=True)
    override_reason = LocalizedText(help_text="Why against the ranking.")
    override = OverrideSerializer(
        allow_null=True,
        default=None,
        help_text="Against the ranking: why, and the rank it replaces.",
    )
    nearest = serializers.ListField(
        child=LocalizedText(), default=[], help_text="What would have brought it to the line."
    )
    rank = serializers.IntegerField(allow_null=True)
    sitting = serializers.IntegerField(allow_null=True, default=None, help_text="Key of the plan's sitting.")
    stood_aside = serializers.CharField(allow_blank=True, default="")
    draw = LotSerializer(allow_null=True, default=None, help_text="Where lots decided.")
    gates = GateFindingSerializer(many=True, default=[], help_text="What staff noted on conditions.")
    reply = LocalizedText(default={}, help_text="What the department said to the decision.")
    recommended = RecommendedSerializer(
        allow_null=True, default=None, help_text="The decision before an amendment changed it."
    )
    amendment = serializers.IntegerField(allow_null=True, default=None, help_text="Number of the amendment.")
    score = ScoreSerializer(
        allow_null=True, help_text="None with fewer than three assessors, of it or of a criterion."
    )
    evidence = EvidenceSerializer(many=True, default=[], help_text="What problem reports say about it.")
    delivery = DeliverySerializer(
        allow_null=True,
        default=None,
        help_text="How far it is today: live, not part of the published version. Null: not in the plan.",
    )


class ReasonCountSerializer(Fields):
    code = serializers.CharField()
    label: Any = LocalizedText()
    count = _count()


class LossSerializer(Fields):
    count = _count()
    reasons = ReasonCountSerializer(many=True)


StageSerializer = _shape(
    "Stage",
    {
        "key": serializers.CharField(),
        "unit": serializers.ChoiceField(choices=["ideas", "initiatives"]),
        "label": LocalizedText(),
        "in": _count("in = out + waiting"),
        "out": _count("out = onward + the sum of the reasons"),
        "onward": _count("What went on to the next stage."),
        "waiting": _count(),
        "reasons": ReasonCountSerializer(many=True),
    },
)
SeamSerializer = _shape(
    "Seam",
    {
        "from_unit": serializers.CharField(),
        "out": _count("What went on, in the unit before."),
        "to_unit": serializers.CharField(),
        "in": _count("What came of it, in the unit after: n to m."),
    },
)
OutcomesSerializer = _shape("IdeasByOutcome", {key: _count() for key in OUTCOMES})


class FunnelSerializer(Fields):
    """How many came in, went on, left and wait. The eligible ideas are those of the first stage."""

    received = _count()
    not_eligible = LossSerializer()
    after_cutoff = _count("Came too late for this round; in no other count.")
    stages = StageSerializer(many=True)
    seams = SeamSerializer(many=True)
    ideas_by_outcome = OutcomesSerializer(help_text="Sums to the eligible ideas.")


class PlanSerializer(Fields):
    slug = serializers.CharField()
    title = LocalizedText()
    intro = LocalizedText()
    version = _count()
    published_at = serializers.DateTimeField()
    sha256 = serializers.CharField(help_text="Fingerprint of the version.")
    received = _count("Ideas received.")
    chosen = _count("Initiatives chosen.")


class CriterionSerializer(Fields):
    key = serializers.CharField()
    label: Any = LocalizedText()
    question = LocalizedText()
    weight = serializers.FloatField(allow_null=True, help_text="0 to 1; null for a condition.")


BandSerializer = _shape(
    "TimeFrame",
    {
        "key": serializers.CharField(),
        "label": LocalizedText(),
        "from": _count("Months."),
        "to": serializers.IntegerField(allow_null=True, help_text="Months, included."),
    },
)


class RulesSerializer(Fields):
    key = serializers.CharField()
    title = LocalizedText()
    number = _count()
    sha256 = serializers.CharField()
    source: Any = serializers.CharField(allow_blank=True)
    criteria = CriterionSerializer(many=True)
    bands = BandSerializer(many=True)


SelectionSerializer = _shape(
    "Selection",
    {
        "number": _count("Of the result that was adopted."),
        "sha256": serializers.CharField(help_text="Fingerprint of what it was worked out from."),
        "adopted_on": serializers.DateTimeField(),
        "best": serializers.BooleanField(help_text="Worked out as the best, or put together by staff?"),
        "reason": LocalizedText(),
        "rules_broken": _count("Rules of the selection that it does not keep."),
        "broken_because": LocalizedText(),
    },
)


class PlanDetailSerializer(PlanSerializer):
    body = LocalizedText(help_text="Who decided.")
    second_person = serializers.BooleanField(
        help_text="Did somebody publish who had not prepared the decisions?"
    )
    sittings = SittingSerializer(many=True)
    draws = DrawSerializer(many=True)
    amendments = AmendmentSerializer(many=True)
    understood = UnderstoodSerializer(
        allow_null=True,
        default=None,
        help_text="Did we understand you? Answers of senders; null where fewer than three answered.",
    )
    selection = SelectionSerializer(
        allow_null=True, default=None, help_text="Adopted under rules for the whole list, where one was."
    )
    delivery = DeliveryCountsSerializer(
        help_text="How far its initiatives are today: live, not part of the published version."
    )
    rules = RulesSerializer(help_text="The scoring rules that the panel went by.")
    result_sha256 = serializers.CharField(
        allow_null=True, help_text="Fingerprint of the scores that the ranking was made from."
    )
