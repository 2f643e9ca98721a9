"""These tests need the extra's settings; without them they are left to tests/safety/test_signon.py."""

from django.conf import settings

collect_ignore_glob = [] if settings.WINNOW_SIGNON else ["test_*.py"]
