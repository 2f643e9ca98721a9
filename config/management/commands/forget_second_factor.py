"""`manage.py forget_second_factor NAME`: for who lost their phone. They sign in with the password again."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from engagement.models import User


class Command(BaseCommand):
    help = "Remove a member of staff's second factors and passkeys, after you made sure who asks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.WINNOW_SIGNON:
            raise CommandError("WINNOW_SIGNON is off: there are no second factors.")
        name = options["username"]
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"{name}: there is nobody with this name.")
        from allauth.mfa.models import Authenticator  # an extra: not there in every installation

        found = Authenticator.objects.filter(user=user)
        count = found.count()
        found.delete()
        self.stdout.write(f"{name}: {count} removed." if count else f"{name} had no second factor.")
