"""French is complete: each marked text has its translation, with the same places, in Québec's typography."""

import ast
import re
from collections.abc import Iterator

import polib
import pytest

from tests.architecture.messages import ROOT, Message, all_messages, in_python, in_template

NBSP = "\u00a0"
MARKUP = re.compile(r"<[^<>]*>")
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%%")
SPACING = re.compile(
    rf"'"  # ’ is the apostrophe
    rf"|[\s{NBSP}][;!?]"  # nothing before ; ! ?
    rf"|(?:^|[^{NBSP}\d]):(?!//)"  # a space that does not break before :
    rf"|«[^{NBSP}]|[^{NBSP}]»|[“”]"  # « so »
    rf"|  "
)

SHARE = re.compile(r"(?:\d|\)s|\}\})[ ]%(?![(}])")
"""A figure with a plain space before its %: English has none there, French one that does not break."""

Entries = dict[tuple[str, str], polib.POEntry]


def french() -> polib.POFile:
    return polib.pofile(str(ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"))


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return list(all_messages())


@pytest.fixture(scope="module")
def entries() -> Entries:
    return {(entry.msgctxt or "", entry.msgid): entry for entry in french()}


def forms(entry: polib.POEntry) -> list[tuple[str, str]]:
    """(English, French) of an entry, for each grammatical number."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    return [
        (entry.msgid, entry.msgstr_plural.get(0, "")),
        (entry.msgid_plural, entry.msgstr_plural.get(1, "")),
    ]


def all_forms() -> Iterator[tuple[str, str]]:
    for entry in french():
        yield from forms(entry)


def test_code_and_templates_are_read() -> None:
    code = (
        "from django.utils.translation import pgettext_lazy as _p, gettext as _\n"
        "a = _('one' ' two')\nb = _p('where', 'three')\nc = ngettext('a day', '%(n)d days', n)\nd = _(name)"
    )
    assert [(m.context, m.text, m.plural) for m in in_python(code, "x.py")] == [
        ("", "one two", ""),
        ("where", "three", ""),
        ("", "a day", "%(n)d days"),
    ]
    with pytest.raises(ValueError, match=r"x\.py:1"):
        list(in_python("_(f'{n} days')", "x.py"))
    page = (
        '{% translate "It\'s" %}{% translate "open" context "shop" %}{{ _("yes") }}'
        '{{ a|yesno:_("yes,no") }}\n'
        "{% blocktranslate trimmed count n=x %}\n {{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}"
        '{% include "a.html" with label=_("not so") %}{% comment %}{% translate "left out" %}{% endcomment %}'
    )
    assert [(m.context, m.text, m.plural) for m in in_template(page, "x.html")] == [
        ("", "It's", ""),
        ("shop", "open", ""),
        ("", "yes", ""),
        ("", "yes,no", ""),
        ("", "%(n)s day", "%(n)s days"),
        ("", "not so", ""),
    ]


def test_every_text_has_a_french_translation(messages: list[Message], entries: Entries) -> None:
    missing = {}
    for message in messages:
        entry = entries.get(message.key)
        if entry is None or not entry.translated() or (message.plural and not entry.msgid_plural):
            missing[message.key] = message.place
    assert len(messages) > 1000
    assert missing == {}


def test_nothing_is_translated_that_is_no_longer_said(messages: list[Message], entries: Entries) -> None:
    assert set(entries) - {message.key for message in messages} == set()
    assert [entry.msgid for entry in french() if entry.obsolete or entry.fuzzy] == []


def test_plurals_are_told_apart_in_the_same_words(messages: list[Message], entries: Entries) -> None:
    differing = [
        message.place
        for message in messages
        if message.plural and entries[message.key].msgid_plural != message.plural
    ]
    assert differing == []


def test_translations_have_the_same_places_and_markup() -> None:
    wrong = [
        (english, translated)
        for english, translated in all_forms()
        if sorted(PLACES.findall(english)) != sorted(PLACES.findall(translated))
        or sorted(MARKUP.findall(english)) != sorted(MARKUP.findall(translated))
    ]
    assert wrong == []


def test_typography_is_that_of_quebec() -> None:
    wrong = []
    for _english, translated in all_forms():
        words = PLACES.sub("0", MARKUP.sub("", translated))
        # 0 stands for a place, after which a colon needs its space as after any word.
        if SPACING.search(words) or re.search(r"\d:(?=\s|$)", words):
            wrong.append(translated)
    assert wrong == []


def test_a_figure_and_its_percent_are_never_parted() -> None:
    """Templates leave the sign to the filter `percent`; texts write it as their language does."""
    assert SHARE.search("{{ share }} %")
    assert [text for pair in all_forms() for text in pair if SHARE.search(text)] == []
    assert [
        english for english, _french in all_forms() if re.search(rf"\d{NBSP}%|\)s{NBSP}%(?!\()", english)
    ] == []
    templates = [one for one in (ROOT / "templates").rglob("*") if one.suffix in (".html", ".txt")]
    assert len(templates) > 100
    assert [one.name for one in templates if SHARE.search(one.read_text())] == []


def test_the_catalogue_tells_no_dates_and_no_tools() -> None:
    kept = {
        "Project-Id-Version",
        "Language",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Plural-Forms",
    }
    assert set(french().metadata) == kept
    assert french().metadata["Plural-Forms"] == "nplurals=2; plural=(n > 1);"


def _filled_in_at_import(node: ast.AST, marks: set[str]) -> Iterator[int]:
    """Lines outside every function where `%` is put to a marked text: that settles its language for good."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        called = child.left if isinstance(child, ast.BinOp) else None
        if isinstance(called, ast.Call) and getattr(called.func, "id", "") in marks:
            yield called.lineno
        yield from _filled_in_at_import(child, marks)


def _marks(module: ast.AST) -> set[str]:
    imports = [one for one in ast.walk(module) if isinstance(one, ast.ImportFrom)]
    names = [name for one in imports if one.module == "django.utils.translation" for name in one.names]
    return {name.asname or name.name for name in names}


def test_no_text_is_filled_in_before_its_reader_is_known() -> None:
    sources = [one for app in ("engagement", "prioritisation") for one in (ROOT / app).rglob("*.py")]
    modules = {one.relative_to(ROOT): ast.parse(one.read_text()) for one in sources}
    assert len(modules) > 200
    assert [
        f"{path}:{line}"
        for path, module in modules.items()
        for line in _filled_in_at_import(module, _marks(module))
    ] == []
