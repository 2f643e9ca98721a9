"""What every endpoint of the public API has in common: read-only, paged, readable from any site."""

from typing import Any

from django.utils import timezone
from rest_framework.exceptions import NotFound, Throttled
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement.client import client_address
from engagement.paging import Paginator
from engagement.services import count_attempt


class Pages(PageNumberPagination):
    """`page` from 1 and `page_size`, 50 unless told, 200 at most; a page that is not there is 404.

    A `page_size` above 200 gives 200; one that is no number gives 50.
    """

    django_paginator_class = Paginator
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    page_query_description = "From 1. A page that is not there is 404."
    page_size_query_description = "50 unless told; 200 at most, and what is above gives 200."


REQUESTS = 1_200
WINDOW = 10 * 60
"""Requests that one address may make in so many seconds: all of a large plan, page by page, and more."""


class PublicView(APIView):
    """GET only. The data is public, so any site may read it (CORS); there are no cookies to protect."""

    http_method_names = ("get", "head", "options")

    def check_throttles(self, request: Request) -> None:
        """Counted in the database like all attempts, not in Django REST framework's cache."""
        who, at = client_address(request), timezone.now()
        if not count_attempt(what="api", who=who, limit=REQUESTS, seconds=WINDOW, at=at):
            raise Throttled(wait=WINDOW - at.timestamp() % WINDOW)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        return response


class NotThere(PublicView):
    """An address under /api/v1/ that is none, told in JSON like every other error."""

    schema = None

    def get(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        raise NotFound
