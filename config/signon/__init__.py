"""Signing in with a second factor, a passkey or the city's own sign-on: an extra, on with WINNOW_SIGNON.

Nothing here is imported without it, so that an installation without django-allauth starts as before.
"""
