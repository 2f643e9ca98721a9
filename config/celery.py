"""The worker: the Celery application and its timetable, as code.

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

TRANSPORT_ALIASES["filesystem"] = "config.broker:Transport"

app = Celery("winnow")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _log_like_everything_else(**_: Any) -> None:
    """Celery asks for this in place of its own format: its lines are scrubbed like all others."""
    logging.config.dictConfig(settings.LOGGING)


# Every beat message expires before the next is due: a worker that was away does not wake to a backlog.
app.conf.beat_schedule = {
    "send notices": {"task": "engagement.send_notices", "schedule": 10.0, "options": {"expires": 9}},
    "send prioritisation's notices": {
        "task": "prioritisation.send_notices",
        "schedule": 10.0,
        "options": {"expires": 9},
    },
    "run engagement's jobs": {"task": "engagement.run_jobs", "schedule": 10.0, "options": {"expires": 9}},
    "run prioritisation's jobs": {
        "task": "prioritisation.run_jobs",
        "schedule": 10.0,
        "options": {"expires": 9},
    },
    "publish at a set hour": {
        "task": "engagement.publish_due",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "tidy": {"task": "engagement.tidy", "schedule": 3600.0, "options": {"expires": 3500}},
}
