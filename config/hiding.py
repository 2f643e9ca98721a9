"""What an error report hides: Django's own list, and settings that hold a password inside an address."""

import re

from django.views.debug import SafeExceptionReporterFilter


class HidingFilter(SafeExceptionReporterFilter):
    hidden_settings = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|COOKIE|URL|LOCATION", flags=re.IGNORECASE
    )
