"""The table of what if: hundreds of rows of ten figures, which a template writes five times as slowly."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.utils.formats import get_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from engagement.templatetags.winnow import local
from prioritisation.what_if import Moved

register = template.Library()

NOTHING = "–"
ROW = (
    '<tr{}><td class="n" data-label="{}">{}</td><td class="n" data-label="{}">{}</td>'
    '<td class="n" data-label="{}">{}</td><th scope="row">{} '
    '<span class="w-quiet"><span class="w-ref">{}</span>{}</span></th>'
    '<td class="n" data-label="{}">{}</td><td class="n" data-label="{}">{}</td></tr>'
)


@register.simple_tag
def before_and_after(rows: Iterable[tuple[Moved, Any]]) -> SafeString:
    """The rows of the table, of initiatives with their titles."""
    rank, after, gained, points = _("Rank before"), _("After"), _("Ranks gained"), _("Points before")
    marked, comes, goes = mark_safe(' class="w-tie"'), _("comes in"), _("goes out")
    mark = str(get_format("DECIMAL_SEPARATOR"))
    cells = (
        (
            marked if one.was_in != one.is_in else "",
            *(rank, one.before or NOTHING, after, one.after or NOTHING, gained, _gained(one.change)),
            local(title),
            one.reference,
            "" if one.was_in == one.is_in else f" · {comes if one.is_in else goes}",
            *(points, _tenths(one.points_before, mark), after, _tenths(one.points_after, mark)),
        )
        for one, title in rows
    )
    return format_html_join("", ROW, cells)


def _gained(change: int | None) -> str:
    return NOTHING if change is None else f"{change:+d}" if change else "0"


def _tenths(points: float | None, mark: str) -> str:
    """As the filter `floatformat` writes points up to 100, which asks for the language each time."""
    if points is None:
        return NOTHING
    return str(Decimal(repr(points)).quantize(Decimal("0.1"), ROUND_HALF_UP)).replace(".", mark)
