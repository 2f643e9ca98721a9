"""The sign-on extra: run with settings of its own by tests/safety/test_signon.py."""
