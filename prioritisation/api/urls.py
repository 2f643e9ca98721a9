"""Addresses of published plans in the API; no slash at the end."""

from django.urls import path

from prioritisation.api import plans

urlpatterns = [
    path("plans", plans.PlanList.as_view(), name="api-plans"),
    path("plans/<slug:slug>", plans.PlanDetail.as_view(), name="api-plan"),
    path("plans/<slug:slug>/funnel", plans.PlanFunnel.as_view(), name="api-plan-funnel"),
    path("plans/<slug:slug>/initiatives", plans.InitiativeList.as_view(), name="api-initiatives"),
    path(
        "plans/<slug:slug>/initiatives/<slug:reference>",
        plans.InitiativeDetail.as_view(),
        name="api-initiative",
    ),
]
