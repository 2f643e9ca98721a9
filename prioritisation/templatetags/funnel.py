"""{% load funnel %}{% funnel_picture funnel %}: the funnel as a picture, and the same counts as a table."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext, pgettext

from prioritisation import funnel_picture

register = template.Library()


class Words(funnel_picture.Words):
    """The picture's words in the language of the reader."""

    def number(self, n: int) -> str:
        return number_format(n, use_l10n=True, force_grouping=True)

    def received(self, n: int) -> str:
        return ngettext("idea received", "ideas received", n)

    def texts_received(self, n: int) -> str:
        return ngettext("text received", "texts received", n)

    def not_eligible(self, n: int) -> str:
        return ngettext("%(n)s not eligible", "%(n)s not eligible", n) % {"n": self.number(n)}

    def left(self, n: int) -> str:
        return ngettext("%(n)s did not go on", "%(n)s did not go on", n) % {"n": self.number(n)}

    def waiting(self, n: int) -> str:
        return ngettext("still waiting", "still waiting", n)

    def unit(self, unit: str, n: int) -> str:
        if unit == "ideas":
            return ngettext("%(n)s idea", "%(n)s ideas", n) % {"n": self.number(n)}
        if unit == "initiatives":
            return ngettext("%(n)s initiative", "%(n)s initiatives", n) % {"n": self.number(n)}
        return super().unit(unit, n)

    def seam(self, before: str, after: str) -> str:
        return gettext("%(before)s became %(after)s") % {"before": before, "after": after}

    def chosen(self, n: int) -> str:
        return pgettext("initiatives", "chosen") if n != 1 else pgettext("one initiative", "chosen")


@register.inclusion_tag("charts/funnel.html", name="funnel_picture")
def show_funnel(
    funnel: funnel_picture.Funnel, *, name: str = "funnel", table_open: bool = False
) -> dict[str, object]:
    """`name` tells two funnels on one page apart; `table_open` shows the table without a click."""
    words = Words()
    rows = funnel_picture.steps(funnel, words)
    return {
        "name": name,
        "rows": rows,
        "received": funnel["received"],
        "chosen": rows[-1].out,
        "outcome": funnel.get("outcome") or words.chosen(rows[-1].out),
        "pictures": [
            ("wide", funnel_picture.draw(funnel, funnel_picture.WIDE, words)),
            ("narrow", funnel_picture.draw(funnel, funnel_picture.NARROW, words)),
        ],
        "table_open": table_open,
    }
