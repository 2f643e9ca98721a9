"""The admin that staff sign in to, as an app configuration."""

from django.contrib.admin.apps import AdminConfig


class WinnowAdminConfig(AdminConfig):
    """Django's admin with Winnow's site in place of the stock one."""

    default_site = "engagement.admin.site.WinnowAdminSite"
