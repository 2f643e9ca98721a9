"""`manage.py access_request EMAIL --by USER`: everything held about whoever sent things under an address."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from engagement import services
from engagement.models import Contact, Idea, Notice, Report, User


class Command(BaseCommand):
    help = (
        "Print, as JSON, every idea and problem report sent under an e-mail address, with its sender, "
        "history, photos and mails. Who looked is written into each timeline. Check who asks before you hand "
        "it out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--by", required=True, metavar="USER", help="who answers the request")

    def handle(self, *args: Any, **options: Any) -> None:
        by = User.objects.filter(username=options["by"], is_active=True).first()
        if by is None:
            raise CommandError(f"There is nobody here called {options['by']}.")
        found: list[Idea | Report] = [
            *Idea.objects.filter(contact__email__iexact=options["email"]).order_by("pk"),
            *Report.objects.filter(contact__email__iexact=options["email"]).order_by("pk"),
        ]
        try:
            told = [_told(record, by) for record in found]
        except services.Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(json.dumps({"email": options["email"], "records": told}, indent=1, default=str))


def _told(record: Idea | Report, by: User) -> dict[str, Any]:
    contact = services.record_contact_view(record=record, by=by, at=timezone.now())
    words = (
        ("title", "problem", "proposal", "answers", "confidential_answers")
        if isinstance(record, Idea)
        else ("description", "answers")
    )
    about = {"idea": record} if isinstance(record, Idea) else {"report": record}
    return {
        "reference": record.reference,
        "state": record.state,
        "received_at": record.received_at,
        **{name: getattr(record, name) for name in words},
        "place": {"address": record.address, "latitude": record.latitude, "longitude": record.longitude},
        "sender": _sender(contact),
        "photos": [photo.file.name for photo in record.photos.all()],
        "history": [
            {"at": event.at, "what": event.verb, "to": event.to_state, "text": event.text}
            for event in record.events.order_by("pk")
        ],
        "mails": list(Notice.objects.filter(**about).order_by("pk").values("kind", "state", "sent_at")),
    }


def _sender(contact: Contact) -> dict[str, Any]:
    names = ("name", "email", "phone", "language", "updates_consent_at", "questions_consent_at", "created_at")
    return {name: getattr(contact, name) for name in names}
