"""Results as these pages read them: light rows first, and what they hold only once in a process.

A result never changes once it is made, so its index is kept: the least recently read go first when together
they hold more than `KEPT_ROWS` rows (about 1.5 KB each).
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from prioritisation import how_made, ranking_index
from prioritisation.collecting import uncollected
from prioritisation.models import EvidenceLink, Initiative, Result, Round
from prioritisation.policies import schema
from prioritisation.ranked_rows import Content
from prioritisation.ranking_index import RankingIndex

KEPT_ROWS = 25_000

_kept: "OrderedDict[tuple[Any, ...], RankingIndex]" = OrderedDict()
_lock = threading.Lock()


def results_of(round: Round) -> list[Result]:
    """All rankings of the round, newest first, without what they were made from and what came out."""
    rankings = round.results.filter(kind=Result.Kind.RANKING)
    return list(
        rankings.select_related("policy_version", "made_by").defer("inputs", "output").order_by("-pk")
    )


def result_of(round: Round, number: int | str | None = None, found: list[Result] | None = None) -> Result:
    """The ranking with this number, else the newest one; 404 where the round has no such ranking.

    `found`: the rankings of the round, where they are read already.
    """
    found = results_of(round) if found is None else found
    if number is None or number == "":
        wanted = found[:1]
    else:
        wanted = [one for one in found if str(one.pk) == str(number)]
    if not wanted:
        raise Http404
    return wanted[0]


def index_of(round: Round, result: Result) -> RankingIndex:
    """The result's rows, from memory where this process has read them before."""
    # the day is part of the key: a restored database may give a number to another result
    key = (result.pk, result.inputs_sha256, result.made_at)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    policy = schema.parse(result.policy_version.document)
    with uncollected():
        made = ranking_index.build(policy, result.output, _contents(round))
    del result.output  # a few megabytes; read anew should somebody ask
    with _lock:
        _kept[key] = made
        while len(_kept) > 1 and sum(len(one) for one in _kept.values()) > KEPT_ROWS:
            _kept.popitem(last=False)
    return made


def trying_address(round: Round, index: RankingIndex) -> str:
    """Where "what if" shows the change that the line of stability tells; "" where no weight makes one."""
    told = how_made.stability(index.policy, index.head)
    if told is None:
        return ""
    key = index.head["stability"]["criterion"]
    return f"{reverse('admin:prioritisation_what_if', args=(round.pk,))}?w_{key}={told.at:.1f}#outcome"


def forget() -> None:
    """Empties what is kept: for measuring, and for tests."""
    with _lock:
        _kept.clear()


def _contents(round: Round) -> dict[str, Content]:
    """Of the wordings frozen at opening what a list shows, by reference. Equal parts are kept once."""
    paths = [f"revision__content__{key}" for key in ranking_index.CONTENT_KEYS]
    shared: dict[str, Any] = {}
    contents: dict[str, Content] = {}
    for reference, *found in round.entries.values_list("initiative__reference", *paths):
        content = dict(zip(ranking_index.CONTENT_KEYS, found, strict=True))
        content["owner"] = content["owner"] and _once(shared, content["owner"])
        for key in ("themes", "districts"):
            content[key] = [_once(shared, one) for one in content[key] or ()]
        contents[reference] = content
    return contents


def _once(shared: dict[str, Any], part: Any) -> Any:
    return shared.setdefault(repr(part), part)


SOURCES = ("idea_box", "reports", "in_reach")


def source_choices() -> list[tuple[str, str]]:
    return [
        ("idea_box", _("residents’ ideas")),
        ("reports", _("problem reports")),
        ("in_reach", _("staff ideas")),
    ]


def from_source(round: Round, source: str) -> Iterable[str] | None:
    """References of the round's initiatives with an idea, or evidence, from there; None: from anywhere."""
    if source not in SOURCES:
        return None
    initiatives = Initiative.objects.filter(entries__round=round)
    if source == "in_reach":
        found = initiatives.filter(ideas__call__kind="in_reach")
    elif source == "idea_box":
        found = initiatives.filter(ideas__isnull=False).exclude(ideas__call__kind="in_reach")
    else:
        linked = EvidenceLink.objects.filter(removed_at__isnull=True).values("initiative")
        found = initiatives.filter(pk__in=linked) | initiatives.filter(ideas__transfer__isnull=False)
    return set(found.values_list("reference", flat=True))
