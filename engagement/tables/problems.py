"""What can be wrong with a file, as codes with parameters; the English text is one rendering of them.

The interface layer translates the templates by their code and fills in the same parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engagement.text import gettext_noop

Params = dict[str, str | int]

TABLE_ERRORS: dict[str, str] = {
    "empty": gettext_noop("The file is empty."),
    "too_large": gettext_noop(
        "The file is larger than {limit_mb} MB. Split it, or remove columns that are not needed."
    ),
    "not_a_table": gettext_noop(
        "The file is of type {kind}, not a table. Save it as CSV or XLSX and send that file."
    ),
    "old_spreadsheet": gettext_noop("This is a spreadsheet in the old XLS format. Save it as XLSX or CSV."),
    "other_spreadsheet": gettext_noop("This is a spreadsheet in {kind} format. Save it as XLSX or CSV."),
    "macros": gettext_noop("This workbook holds macros. Save it as XLSX without macros, or as CSV."),
    "password": gettext_noop("The file is protected by a password. Save it without a password."),
    "not_text": gettext_noop(
        "The file holds NUL bytes, so it is not plain text. Save it as CSV in UTF-8, or as XLSX."
    ),
    "encoding": gettext_noop(
        "The text is neither UTF-8 nor Windows-1252 (byte {position}). Save it as CSV in UTF-8."
    ),
    "header_quote": gettext_noop(
        "A quotation mark on the first line, with the names of the columns, is not closed."
    ),
    "header_too_long": gettext_noop(
        "The first line, with the names of the columns, is longer than {limit} characters."
    ),
    "header_text": gettext_noop("The name of column {column} holds characters that are not text."),
    "header_cell": gettext_noop("Cell {cell} should name a column and holds a formula or an error."),
    "column_unnamed": gettext_noop("Column {column} has no name on the first line."),
    "column_twice": gettext_noop("Two columns are named “{name}”. Give each column a name of its own."),
    "too_many_columns": gettext_noop("The table has more than {limit} columns."),
    "too_many_rows": gettext_noop("The table has more than {limit} rows. Split it into several files."),
    "header_only": gettext_noop("The file has column names but no rows."),
    "archive_broken": gettext_noop(
        "The workbook is damaged and cannot be opened. Save it again and send the new file."
    ),
    "archive_too_large": gettext_noop(
        "Unpacked, the workbook is larger than {limit_mb} MB. Split it, or save it as CSV."
    ),
    "archive_ratio": gettext_noop(
        "The workbook unpacks to more than {limit} times its size, as a bomb does."
    ),
    "archive_parts": gettext_noop("The workbook has more than {limit} parts inside. Save the sheet as CSV."),
    "archive_doctype": gettext_noop(
        "The workbook declares XML entities, which no spreadsheet needs. Save it as CSV."
    ),
    "archive_structure": gettext_noop(
        "The workbook holds too many cells, or too deep a nesting. Save it as CSV."
    ),
    "no_sheet": gettext_noop("The workbook has no visible sheet with cells."),
}

REFUSALS: dict[str, str] = {
    "field_count": gettext_noop("It has {found} fields where the first line has {expected}."),
    "quote": gettext_noop(
        "A quotation mark is not closed, or stands inside a quoted field without being doubled."
    ),
    "after_quote": gettext_noop(
        "It follows a record with a broken quotation mark and cannot be told apart from it."
    ),
    "record_too_long": gettext_noop(
        "It is longer than {limit} characters; often a quotation mark is not closed."
    ),
    "cell_too_long": gettext_noop("The text in column “{column}” is longer than {limit} characters."),
    "control_character": gettext_noop(
        "The text in column “{column}” holds the control character {character}."
    ),
    "bad_bytes": gettext_noop("The text in column “{column}” holds bytes that are not text."),
    "formula": gettext_noop("Cell {cell} holds a formula. Replace it by its value."),
    "cell_error": gettext_noop("Cell {cell} holds the error {value}."),
}

NOTES: dict[str, str] = {
    "cp1252": gettext_noop(
        "The text is not UTF-8; it was read as Windows-1252. Check the accents before you import."
    ),
    "mixed_encoding": gettext_noop(
        "The text is UTF-8 with {count} broken bytes; records that hold them are refused."
    ),
    "garbled": gettext_noop(
        "The text holds {count} garbled characters from an earlier conversion, kept as they are."
    ),
    "other_sheets": gettext_noop("Only the sheet “{sheet}” was read; the workbook has {others} more."),
    "name_differs": gettext_noop("The name {name} does not match the content; the file was read as {kind}."),
}


class TableError(Exception):
    """The whole file is refused. `code` and `params` are stable; `message` is plain English."""

    def __init__(self, code: str, **params: str | int) -> None:
        self.code = code
        self.params: Params = params
        self.message = TABLE_ERRORS[code].format(**params)
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One record that was not taken. `line` is the line of the text file or the row of the sheet."""

    number: int
    line: int
    code: str
    params: Params = field(default_factory=dict)

    @property
    def reason(self) -> str:
        return REFUSALS[self.code].format(**self.params)


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell the person who sent the file, which did not stop the reading."""

    code: str
    params: Params = field(default_factory=dict)

    @property
    def message(self) -> str:
        return NOTES[self.code].format(**self.params)
