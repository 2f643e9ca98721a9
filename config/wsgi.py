"""The WSGI application that gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from engagement.services import preload_similar  # noqa: E402 - needs the settings

# gunicorn loads this once (--preload) and makes its workers of it: they share the memory of what is loaded by
# then. So all pages are, not only those asked for; and what is there is left alone by the collector, which
# would write into it, and with that copy it.
preload_similar()
assert get_resolver().url_patterns, "a site without an address"
gc.collect()
gc.freeze()
