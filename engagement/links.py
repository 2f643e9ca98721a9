"""Addresses that may be sent to people: the private tracking page and the public page of a record.

Made when they are needed from the key outside the database and the record's nonce, never stored.
"""

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from engagement import tracking
from engagement.models import Idea, Report


def tracking_token(record: Idea | Report) -> str:
    return tracking.link_token(settings.WINNOW_LINK_KEY, record.reference, record.nonce)


def tracking_code(record: Idea | Report) -> str:
    """The 8 characters that with the reference open the tracking page, in two groups: `7K3M-Q9XD`."""
    code = tracking.code(settings.WINNOW_LINK_KEY, record.reference, record.nonce)
    return f"{code[:4]}-{code[4:]}"


def tracking_path(record: Idea | Report, language: str | None = None, page: str = "tracking") -> str:
    """The path of the private page, in the sender's language where no other is asked for.

    `page` names another address under the same link, such as `tracking_withdraw`.
    """
    with translation.override(language or record.language):
        return reverse(
            f"engagement:{page}", kwargs={"reference": record.reference, "token": tracking_token(record)}
        )


def tracking_url(record: Idea | Report, language: str | None = None) -> str:
    return f"{settings.WINNOW_BASE_URL}{tracking_path(record, language)}"


def public_path(record: Idea | Report, language: str | None = None) -> str:
    """The path of the page that everybody may read, once there is one."""
    name = "idea_detail" if isinstance(record, Idea) else "report_detail"
    with translation.override(language or record.language):
        return reverse(f"engagement:{name}", kwargs={"reference": record.reference})
