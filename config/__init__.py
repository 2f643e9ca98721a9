"""How Winnow is put together: settings, addresses, worker. The only place that sees both apps at once."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
