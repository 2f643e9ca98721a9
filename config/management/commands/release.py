"""`manage.py release`: the step between installing a version and starting it."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from prioritisation.services.setup import ROLES, install_city


class Command(BaseCommand):
    help = (
        "Bring the database up to date with this version: migrations, the permissions of the roles, standard "
        "reasons that are new. Safe to run again; run it once, before web, worker and beat start."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        install_city()
        self.stdout.write(
            f"The database is up to date; {len(ROLES)} roles have the permissions of this version."
        )
