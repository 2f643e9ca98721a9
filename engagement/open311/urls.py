"""Addresses of Open311; no slash at the end, and the format as an ending."""

from django.urls import URLPattern, URLResolver, path, re_path

from engagement.open311 import catalogue, requests
from engagement.open311.resources import not_there

app_name = "open311"

urlpatterns: list[URLPattern | URLResolver] = [
    path("v2/discovery.<slug:format>", catalogue.discovery, name="discovery"),
    path("v2/services.<slug:format>", catalogue.service_list, name="services"),
    path("v2/services/<slug:code>.<slug:format>", catalogue.service_definition, name="service"),
    path("v2/requests.<slug:format>", requests.request_list, name="requests"),
    path("v2/requests/<slug:reference>.<slug:format>", requests.request_detail, name="request"),
    path("v2/tokens/<slug:reference>.<slug:format>", requests.token, name="token"),
    re_path(r"^v2(?:/[\s\S]*)?$", not_there),
]
