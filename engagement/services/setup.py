"""What a new city starts with: the standard reasons for what staff do."""

import tomllib
from pathlib import Path

from django.db import transaction

from engagement.models import Reason
from engagement.services.reference_data import keep_reference

STANDARD_REASONS = Path(__file__).parent.parent / "standard_reasons.toml"


@transaction.atomic
def install_reasons() -> int:
    """Makes the standard reasons that are not there yet; a city's own wording is never overwritten."""
    made = 0
    written = tomllib.loads(STANDARD_REASONS.read_text(encoding="utf-8"))["reasons"]
    for order, one in enumerate(written):
        key = {"action": one["action"], "code": one["code"]}
        if Reason.objects.filter(**key).exists():
            continue
        values = {
            "label": one["label"],
            "text": one["text"],
            "eligible": one.get("eligible", True),
            "hides_text": one.get("hides_text", False),
            "order": order,
        }
        keep_reference(Reason, key=key, values=values)
        made += 1
    return made
