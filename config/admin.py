"""Tables of the sign-on extra are not for the admin's stock forms: factors are set up by who holds them."""

from django.contrib import admin

for model in list(admin.site._registry):
    if model._meta.app_label in {"account", "mfa", "socialaccount"}:
        admin.site.unregister(model)
