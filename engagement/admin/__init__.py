"""Staff work on calls, ideas and problem reports, in Django's admin."""
