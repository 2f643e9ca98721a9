"""The keys of the desk: one letter a verb, the same letters in every language.

They are only a shorter way to a button or link that stands on the page. `static/js/desk.js` presses it; a
switch beside the list of keys turns single letters off.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

VERB_KEYS = {
    "publish": "p",
    "decline": "d",
    "ask_correction": "c",
    "pass_on": "o",
    "link_duplicate": "s",
    "unlink_duplicate": "x",
    "reopen": "r",
    "schedule": "t",
    "unschedule": "y",
    "split": "e",
    "take_as_report": "m",
    "take_as_idea": "i",
    "take_back": "z",
    "start": "w",
    "close": "c",
    "update": "a",
}
"""Of ideas and of problem reports, by the verb's name in the table of moves."""

WAYS: tuple[tuple[str, Any], ...] = (
    ("n", _("next free item")),
    ("h", _("take in hand")),
    ("b", _("put back")),
    ("u", _("undo")),
    ("j", _("next in the list")),
    ("k", _("previous in the list")),
    ("l", _("back to the list")),
)
"""Keys for the way through the work."""

IN_FORMS: tuple[tuple[str, Any], ...] = (
    ("1 – 9", _("choose from the list: a reason, an original")),
    ("Ctrl Enter", _("send, and open the next free item")),
    ("Esc", _("leave the field; outside a field: go back, change nothing")),
    ("?", _("show or hide these keys")),
)
