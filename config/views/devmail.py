"""/dev/mail: the mails written as files, for a demonstration and for development, on this machine only."""

import re
from datetime import UTC
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

SHOWN = 50
_NAME = re.compile(r"[0-9-]{1,80}")


def _here_only(view: Any) -> Any:
    """Mails hold private links: nobody but this machine may read them, and no proxy may ask for others."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        from_here = request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"}
        forwarded = "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META
        if not (settings.WINNOW_SHOW_MAIL and from_here) or forwarded:
            raise Http404
        answer: HttpResponse = view(request, **kwargs)
        return answer

    return never_cache(require_safe(guarded))


def _read(file: Path) -> dict[str, Any]:
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    date = message["Date"].datetime if message["Date"] else None
    return {
        "name": file.stem,
        "to": message["To"],
        "subject": message["Subject"],
        "date": date.replace(tzinfo=UTC) if date and date.tzinfo is None else date,
        "language": message["Content-Language"] or "en",
        "text": body.get_content() if body else "",
    }


@_here_only
def mail_list(request: HttpRequest) -> HttpResponse:
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.eml"), reverse=True)
    page = Paginator(files, SHOWN).get_page(request.GET.get("page"))
    context = {"mails": [_read(file) for file in page], "total": len(files), "page_obj": page}
    return render(request, "dev/mail_list.html", context)


@_here_only
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    file = Path(settings.EMAIL_FILE_PATH) / f"{name}.eml"
    if not _NAME.fullmatch(name) or not file.is_file():
        raise Http404
    return render(request, "dev/mail_detail.html", {"mail": _read(file)})


urlpatterns = [
    path("", mail_list, name="dev_mail"),
    path("<str:name>/", mail_detail, name="dev_mail_detail"),
]
