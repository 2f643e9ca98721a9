"""`python -m tests.service.elsewhere FILE`: takes a city's rows into a database of its own and prints what
its rounds are made from and give, as `figures` does on any database."""

import json
import os
import sys
from io import StringIO
from typing import Any


def figures() -> str:
    """Inputs read anew from the rows, rankings and results made again: one text, compared to the byte."""
    from django.core.management import call_command
    from django.db import transaction

    from prioritisation import rankings, services
    from prioritisation.models import PlanVersion, Result, Round
    from prioritisation.policies import schema
    from prioritisation.services import plans, results, scenarios
    from prioritisation.services.evidence import gather_evidence
    from prioritisation.services.figures import freeze_figures

    told: dict[str, Any] = {"rounds": [], "results": [], "plans": []}
    for round in Round.objects.order_by("pk"):
        policy = schema.parse(round.policy_version.document)
        inputs = services.frozen_inputs(round)
        asked = scenarios.portfolio_inputs(round, {})
        with transaction.atomic():
            assert round.opened_at is not None
            freeze_figures(round=round, evidence=gather_evidence(round, at=round.opened_at))
            again = results.frozen_inputs(round)
            round.entries.update(figures=None)
            stated = results.frozen_inputs(round)
            transaction.set_rollback(True)
        told["rounds"].append(
            {
                "inputs": inputs,
                "sha256": rankings.fingerprint(inputs),
                "output": rankings.rank(policy, inputs),
                "frozen again": again,
                "as stated": stated,
                "asked": asked,
                "asked sha256": rankings.fingerprint(asked),
                "wordings": [
                    services.content(entry.initiative)
                    for entry in round.entries.select_related("initiative").order_by("pk")
                ],
            }
        )
    for result in Result.objects.order_by("pk"):
        assert rankings.fingerprint(result.inputs) == result.inputs_sha256
        told["results"].append([result.inputs_sha256, result.output, services.recompute(result)])
    for version in PlanVersion.objects.order_by("pk"):
        assert plans.document_digest(version.document) == version.sha256
        told["plans"].append(version.sha256)
    out = StringIO()
    call_command("recompute", "--all", stdout=out)
    told["recompute"] = out.getvalue()
    return json.dumps(told, sort_keys=True, ensure_ascii=False)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("loaddata", sys.argv[1], verbosity=0)
    print(figures())
