"""“Me too”: one more person with the same problem. Counted; of nobody is it kept who said so."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from engagement.models import MeToo, Report
from engagement.services.errors import Refused
from engagement.services.supports import voter_key
from engagement.workflow import ReportState

_KIND = "me_too"
_OPEN = (ReportState.RECEIVED, ReportState.IN_PROGRESS)


def may_me_too(report: Report) -> bool:
    """Is it shown in public, and still to be dealt with?"""
    return report.is_public and report.state in _OPEN


@transaction.atomic
def say_me_too(*, report: Report, voter: str, at: datetime) -> bool:
    """One person (a browser's token) has this problem too; False where they said so before."""
    if not voter.strip() or not may_me_too(report):
        raise Refused(_("This report takes no “me too” any more."), code="no_me_too")
    said = MeToo.objects.filter(report=report, voter=voter_key(kind=_KIND, voter=voter))
    if said.filter(withdrawn_at__isnull=False).update(withdrawn_at=None, given_at=at):
        return True
    if said.exists():
        return False
    try:
        with transaction.atomic():
            MeToo.objects.create(report=report, voter=voter_key(kind=_KIND, voter=voter), given_at=at)
    except IntegrityError:
        return False  # pressed twice at the same moment: there it is
    return True


@transaction.atomic
def withdraw_me_too(*, report: Report, voter: str, at: datetime) -> bool:
    """Takes it back, whatever became of the report since; False where there was none."""
    said = MeToo.objects.filter(
        report=report, voter=voter_key(kind=_KIND, voter=voter), withdrawn_at__isnull=True
    )
    return bool(said.update(withdrawn_at=at))


def says_me_too(report: Report, voter: str) -> bool:
    key = voter_key(kind=_KIND, voter=voter)
    return MeToo.objects.filter(report=report, voter=key, withdrawn_at__isnull=True).exists()


def count_me_toos(report: Report) -> int:
    """How many people have it beside the one who sent it."""
    return MeToo.objects.filter(report=report, withdrawn_at__isnull=True).count()
