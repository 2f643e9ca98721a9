"""Public addresses of the funnel: plans and their initiatives."""

from django.urls import URLPattern, URLResolver, path

from prioritisation.views import draws, exports, feeds, plan_ideas, plans, understanding

app_name = "prioritisation"

urlpatterns: list[URLPattern | URLResolver] = [
    path("plans/", plans.plan_list, name="plan_list"),
    path(
        "t/<slug:reference>/<slug:token>/understood/<slug:initiative>/",
        understanding.understood,
        name="understood",
    ),
    path("plans/<slug:slug>/", plans.plan_detail, name="plan_detail"),
    path("plans/<slug:slug>/feed/", feeds.plan_feed, name="plan_feed"),
    path("plans/<slug:slug>/ideas/", plan_ideas.plan_ideas, name="plan_ideas"),
    path("plans/<slug:slug>/method/", plans.plan_method, name="plan_method"),
    path("plans/<slug:slug>/ballots.pb", plans.plan_ballots, name="plan_ballots"),
    path("plans/<slug:slug>/export.dictionary.csv", exports.plan_dictionary, name="plan_dictionary"),
    path("programmes/<slug:programme_slug>/draws/", draws.draws, name="draws"),
    path(
        "plans/<slug:slug>/figures.dictionary.csv", exports.figures_dictionary, name="plan_figures_dictionary"
    ),
    path("plans/<slug:slug>/figures.<slug:kind>", exports.plan_figures, name="plan_figures"),
    path("programmes/<slug:programme_slug>/export.<slug:kind>", exports.staff_export, name="staff_export"),
    path("plans/<slug:slug>/export.<slug:kind>", exports.plan_export, name="plan_export"),
    path("plans/<slug:slug>/<slug:reference>/", plans.initiative_detail, name="initiative_detail"),
]
