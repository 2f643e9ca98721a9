"""The long part of a portfolio as a job: prices, other weightings, and selections nearly as good."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.models import Job, User
from engagement.services import JobKind, Refused, Tell, Told, add_kind, queue_job
from prioritisation import portfolios
from prioritisation.models import Scenario
from prioritisation.services.access import require_role
from prioritisation.services.scenarios import fingerprint_of, read_rules
from prioritisation.workflow import Role

ANALYSE = "prioritisation.analyse_portfolio"


def queue_analysis(*, scenario: Scenario, by: User, at: datetime) -> Job:
    """Has the worker find prices, inclusion shares and alternatives; gives the one that waits already."""
    require_role(by, scenario.round.programme, Role.MANAGER, Role.ANALYST)
    inputs = read_rules(scenario.round, scenario.rules)
    over = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)
    mine = Job.objects.filter(kind=ANALYSE, parameters__scenario=scenario.pk)
    found: Job | None = mine.exclude(state__in=over).first()
    if found is not None:
        return found
    parameters = {"scenario": scenario.pk, "name": scenario.name, "inputs": fingerprint_of(inputs)}
    return queue_job(kind=ANALYSE, parameters=parameters, at=at, by=by)


def analysed(scenario: Scenario, inputs: dict[str, Any]) -> dict[str, Any] | None:
    """What a job found of these very rules and figures; None when there is none, or they changed since."""
    jobs = Job.objects.filter(kind=ANALYSE, parameters__scenario=scenario.pk, state=Job.State.DONE)
    job = jobs.order_by("-pk").first()
    if job is None or job.result.get("inputs") != fingerprint_of(inputs):
        return None
    return {**job.result, "at": job.finished_at}


def analyse(inputs: dict[str, Any], tell: Any = lambda _done, _total: None) -> dict[str, Any]:
    """Prices, what each rule in the way costs, inclusion shares and alternatives. Pure but for `tell`."""
    model = portfolios.build(inputs)
    best = portfolios.choose(model)
    size = len(model.references)
    whole = portfolios.DRAWS + size
    shares = portfolios.inclusion(model, inputs, tell=lambda n: tell(n, whole))
    prices = portfolios.prices(model, best, tell=lambda n: tell(portfolios.DRAWS + n, whole))
    return {
        "inputs": fingerprint_of(inputs),
        "inclusion": shares,
        "prices": prices,
        "binding": portfolios.binding(model, best),
        "alternatives": portfolios.alternatives(model, best),
    }


def _run(job: Job, tell: Tell) -> dict[str, Any]:
    scenario = Scenario.objects.select_related("round__programme", "round__policy_version").get(
        pk=job.parameters["scenario"]
    )
    inputs = read_rules(scenario.round, scenario.rules)
    if fingerprint_of(inputs) != job.parameters["inputs"]:
        raise Refused(_("The rules or figures changed meanwhile. Ask again."))
    return analyse(inputs, tell)


def _tell(job: Job) -> Told:
    url = reverse("admin:prioritisation_scenario", args=[job.parameters["scenario"]])
    return Told(links=[(gettext_lazy("See the scenario"), url)])


KIND = add_kind(
    JobKind(
        name=ANALYSE,
        title=gettext_lazy("Prices and alternatives of a portfolio"),
        run=_run,
        listed_for="prioritisation.manage_programme",
        tell=_tell,
        nothing_done=gettext_lazy("The scenario is as it was."),
    )
)
