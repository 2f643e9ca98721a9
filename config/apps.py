"""What is neither intake nor funnel, as apps: the admin that staff sign in to, and the commands that
put everything together."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class WinnowAdminConfig(AdminConfig):
    """Django's admin with Winnow's site in place of the stock one."""

    default_site = "config.site.WinnowAdminSite"


class WinnowConfig(AppConfig):
    """Holds commands that need both apps, and no model."""

    name = "config"
    label = "winnow"
