"""The worker: the Celery application and its timetable, as code.

Services never need this process. It only claims rows (`Notice`, `Job`) that services wrote, so a
message that is lost, doubled or late changes nothing but the time of delivery.
"""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TRANSPORT_ALIASES["filesystem"] = "config.broker:Transport"

app = Celery("winnow")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

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
    "tidy": {"task": "engagement.tidy", "schedule": 3600.0, "options": {"expires": 3500}},
}
