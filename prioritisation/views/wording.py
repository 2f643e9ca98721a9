"""What readers of a plan meet in words: outcomes, units, kinds of funding."""

from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from engagement.localized import money as plain_money
from prioritisation import plan_documents
from prioritisation.bar_picture import share
from prioritisation.funnel_picture import Funnel
from prioritisation.workflow import Outcome

IDEA_OUTCOMES: dict[str, Any] = {
    "in_plan": gettext_lazy("In the plan"),
    "set_aside": gettext_lazy("In an initiative that was not chosen"),
    "duplicate": gettext_lazy("Joined with a similar idea"),
    "passed_on": gettext_lazy("Passed on to somebody else"),
    "declined": gettext_lazy("Declined, with a reason"),
    "withdrawn": gettext_lazy("Withdrawn by the sender"),
    "waiting": gettext_lazy("Still waiting"),
}
"""What became of an idea, best first, in the order of `services.funnel.OUTCOMES`."""

DECISIONS: dict[str, tuple[Any, str]] = {
    Outcome.ADVANCE: (pgettext_lazy("one initiative", "Chosen"), "good"),
    Outcome.HOLD: (pgettext_lazy("one initiative", "Held over"), "warn"),
    Outcome.SET_ASIDE: (pgettext_lazy("one initiative", "Not chosen"), ""),
    Outcome.MERGE: (pgettext_lazy("one initiative", "Merged"), "info"),
}
"""A decision's word and the tone of its pill (components/state.html)."""

FUNDING: dict[str, Any] = {
    "secured": gettext_lazy("funding secured"),
    "sought": gettext_lazy("funding sought"),
    "none": gettext_lazy("no funding yet"),
    "mixed": gettext_lazy("funding partly secured or sought"),
}


def picture(funnel: dict[str, Any]) -> Funnel:
    """A document's funnel for {% funnel_picture %}, in the page's language."""
    units = {"ideas": _("eligible ideas"), "initiatives": _("initiatives")}
    drawn = plan_documents.funnel_in(get_language() or "en", funnel, units)
    last = funnel["stages"][-1]
    if last["unit"] == "initiatives":
        drawn["outcome"] = ngettext("initiative chosen", "initiatives chosen", last["onward"])
    return drawn


def idea_outcome_rows(counts: dict[str, int]) -> dict[str, Any]:
    """The table *ideas by outcome*: rows with the length of their bar in hundredths, and the total."""
    total = sum(counts.values())
    most = max(counts.values(), default=0)
    rows = [
        {
            "key": key,
            "label": label,
            "count": counts.get(key, 0),
            "share": share(counts.get(key, 0), most),
            "percent": round(100 * counts.get(key, 0) / total) if total else 0,
        }
        for key, label in IDEA_OUTCOMES.items()
    ]
    return {"rows": rows, "total": total}


def money(amount: Decimal, kind: str) -> str:
    """An amount of a cost line; running costs say so."""
    written = plain_money(amount)
    return _("%(amount)s a year") % {"amount": written} if kind == "operating" else written


def points(number: float) -> str:
    """Points of 100 with one decimal, none where it is whole."""
    return number_format(number, 0 if number == int(number) else 1)


def months(number: int | None) -> str:
    return ngettext("%(n)s month", "%(n)s months", number) % {"n": number} if number is not None else ""
