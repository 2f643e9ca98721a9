"""The worker: the Celery application. Its timetable is config/timetable.py.

Services never need this process. It only claims rows (`Notice`, `Job`) that services wrote, so a
message that is lost, doubled or late changes nothing but the time of delivery.
"""

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TRANSPORT_ALIASES["filesystem"] = "config.broker:FileTransport"
TRANSPORT_ALIASES["redis"] = "config.broker:RedisTransport"

app = Celery("winnow")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _log_like_everything_else(**_: Any) -> None:
    """Celery asks for this in place of its own format: its lines are scrubbed like all others."""
    logging.config.dictConfig(settings.LOGGING)
