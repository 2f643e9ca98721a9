"""The table of what if, written without a template: what the page's own filters would have written."""

import pytest
from django.template.defaultfilters import floatformat
from django.utils import translation

from prioritisation.templatetags.before_and_after import before_and_after
from prioritisation.what_if import Moved


def moved(**other):
    stated = {
        "reference": "I2026-00001",
        "before": 12,
        "after": 9,
        "was_in": False,
        "is_in": True,
        "points_before": 58.25,
        "points_after": 61.0,
        "cost": None,
        "after_status": "in",
    }
    return Moved(**(stated | other))


def test_a_row_says_what_moved():
    row = before_and_after([(moved(), {"en": "A <b>bench</b>"})])
    assert '<tr class="w-tie"><td class="n" data-label="Rank before">12</td>' in row
    assert '<td class="n" data-label="After">9</td><td class="n" data-label="Ranks gained">+3</td>' in row
    assert "A &lt;b&gt;bench&lt;/b&gt; <span" in row
    assert '<span class="w-ref">I2026-00001</span> · comes in</span>' in row
    assert 'data-label="Points before">58.3</td><td class="n" data-label="After">61.0</td></tr>' in row


def test_who_goes_out_and_who_has_no_rank():
    out = before_and_after([(moved(was_in=True, is_in=False, after=15), {"en": "Bench"})])
    assert "I2026-00001</span> · goes out</span>" in out
    assert 'data-label="Ranks gained">-3<' in out
    nothing = before_and_after(
        [(moved(is_in=False, before=None, points_before=None, after=None), {"en": "Bench"})]
    )
    assert nothing.startswith('<tr><td class="n" data-label="Rank before">–</td>')
    assert nothing.count(">–<") == 4
    assert "I2026-00001</span>" in nothing


def test_who_keeps_the_rank_gains_nothing():
    assert 'data-label="Ranks gained">0<' in before_and_after([(moved(after=12), {"en": "Bench"})])


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("points", [0.0, 0.05, 0.25, 58.25, 58.35, 33.33333333, 99.95, 100.0, 1e-7])
def test_points_are_rounded_and_written_as_everywhere(language, points):
    with translation.override(language):
        row = before_and_after([(moved(points_before=points), {language: "Banc"})])
        assert f">{floatformat(points, 1)}</td>" in row
