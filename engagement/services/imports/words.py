"""What an import has to say, as codes with parameters: stored as such, worded when they are shown."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from engagement.tables import NOTES, REFUSALS, TABLE_ERRORS

WORDS: dict[str, Any] = {
    # A mapping, or a whole file
    "mapping_field": _("“{given}” is not FIELD=COLUMN. The fields are: {fields}."),
    "mapping_column": _("There is no column “{column}”. The file has: {columns}."),
    "mapping_problem": _(
        "No column could be recognized as the text of the ideas. Name it: problem=COLUMN. "
        "The file has: {columns}."
    ),
    "clash": _("The same records were being imported at the same moment. Run it again."),
    # A record
    "no_text": _("It has no text in column “{column}”."),
    "too_long": _("The text in column “{column}” has more than {limit} characters."),
    "bad_date": _("“{value}” in column “{column}” is not a date. Write it as 2026-05-31."),
    "future_date": _("The date {value} in column “{column}” is in the future."),
    "same_number": _("Record {first} has the same number, {value}."),
    "same_record": _("It says the same as record {first}."),
    # Notes
    "unused_columns": _("Columns not used: {columns}."),
    "used_columns": _("Columns used: {columns}."),
    "unknown_district": _("District “{value}” is not known here: {count} ideas are without a district."),
    "more_notes": _("{count} more names of districts, themes or languages were not known."),
    "unknown_theme": _("Theme “{value}” is not known here: {count} ideas are without it."),
    "garbled_ideas": _(
        "{count} ideas hold characters that look garbled, as “Ã©” for “é”. "
        "They are kept as they are in the file."
    ),
    "title_as_text": _("Ideas with only a title, which was taken as their text: {count}."),
    "title_cut": _("{count} titles were longer than 200 characters: cut, and kept whole before the text."),
    "bad_point": _("{count} ideas have coordinates that are not a place; they were left out."),
    "flagged_near_duplicate": _("Flagged because another idea says the same: {count}."),
    "flagged_personal": _("Flagged because they hold personal data, masked for the public: {count}."),
    "flagged_links": _("Flagged because they hold links: {count}."),
    "flagged_word": _("Flagged because they hold a word of the invitation’s list: {count}."),
    "held_back": _("Flagged, so they wait for a decision as the invitation says: {count}."),
    "bad_language": _("Language “{value}” was not understood: {count} ideas are taken as “{used}”."),
}


def worded(code: str, params: dict[str, Any]) -> str:
    """The sentence for a code, in the language in force."""
    text = WORDS.get(code)
    if text is None:
        text = gettext({**TABLE_ERRORS, **NOTES, **REFUSALS}.get(code, code))
    return str(text).format(**params)
