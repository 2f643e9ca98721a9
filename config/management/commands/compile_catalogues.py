"""Compiles the translations that were edited since they were last compiled."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.catalogues import compile_stale


class Command(BaseCommand):
    help = "Compile the translations under locale/ (needs no gettext)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for source in compile_stale(folder):
                self.stdout.write(f"compiled {source.relative_to(folder)}")
