"""What senders of the made-up city answer to "did we understand you?": three in four, and most say yes."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random

from prioritisation import services
from prioritisation.models import Initiative, Understanding

SEED = 41
WHY = {
    "partly": {
        "en": "The main thing is there. What is missing is the evening: that is when it hurts most.",
        "fr": "L’essentiel y est. Il manque le soir : c’est là que ça fait le plus mal.",
    },
    "no": {
        "en": "I meant the people who work there, not the building.",
        "fr": "Je parlais des gens qui y travaillent, pas du bâtiment.",
    },
}


def answer(initiatives: Iterable[Initiative]) -> None:
    """One to nine days after they were asked."""
    draw = Random(SEED)  # noqa: S311 - the same city every time
    asked = Understanding.objects.filter(link__initiative__in=list(initiatives)).order_by("pk")
    for one in asked.select_related("link__idea"):
        if draw.random() < 0.25:
            continue
        said = draw.choices(["yes", "partly", "no"], weights=[70, 22, 8])[0]
        language = "fr" if one.link.idea.language == "fr" else "en"
        services.answer_understanding(
            asked=one,
            answer=said,
            why=WHY.get(said, {}).get(language, ""),
            at=one.asked_at + timedelta(days=draw.randint(1, 9)),
        )
