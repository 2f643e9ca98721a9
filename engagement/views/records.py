"""What was sent in, by its reference."""

from engagement.models import Idea, Report


def find(reference: str) -> Idea | Report | None:
    """The idea or problem report of a reference."""
    if reference.startswith("R"):
        reports = Report.objects.select_related("service", "district", "contact")
        return reports.filter(reference=reference).first()
    return Idea.objects.select_related("call", "district", "contact").filter(reference=reference).first()
