"""The timetable's own Celery application: `celery -A config.beat beat`.

It sends the names of tasks at their times, and runs none. So it loads nothing of what tasks need, which is
nearly all of Winnow, and takes less than half the memory of a worker.
"""

from celery import Celery
from celery.loaders.app import AppLoader


class NamesOnly(AppLoader):
    """Loads no tasks: whoever only names them does not need them."""

    def import_default_modules(self) -> list[object]:
        return []


app = Celery("winnow", loader="config.beat:NamesOnly", set_as_current=False)
app.config_from_object("django.conf:settings", namespace="CELERY")
