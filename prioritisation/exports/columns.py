"""What each column of the shortlist is: the one definition behind every format and the data dictionary.

Keys are the same in every language. Labels and descriptions are in the language of the reader.
"""

from django.conf import settings
from django.utils.translation import gettext as _

from engagement.tables.writing import Column
from engagement.text import choose
from prioritisation.plan_documents import Document


def _in_languages(key: str, label: str, description: str) -> list[Column]:
    """One column for each of the city's languages: `title_en`, `title_fr`."""
    return [Column(f"{key}_{code}", f"{label} ({name})", description) for code, name in settings.LANGUAGES]


def public_columns(document: Document, language: str) -> list[Column]:
    """Everything about an initiative that a plan says in public."""
    return [
        Column("reference", _("Reference"), _("Names the initiative; it never changes.")),
        *_in_languages("title", _("Title"), _("What the initiative is called.")),
        *_decision_columns(),
        *_score_columns(document, language),
        *_content_columns(),
        *_cost_columns(),
        Column("ideas", _("Ideas"), _("References of the ideas that it came from.")),
        *_delivery_columns(),
        Column("plan_version", _("Version of the plan"), _("Number of the published version.")),
        Column(
            "fingerprint",
            _("Fingerprint"),
            _("SHA-256 of the published version. The same on the plan's page: nothing was changed."),
        ),
    ]


def _delivery_columns() -> list[Column]:
    """What happened since: of the day of the file, not of the published version."""
    return [
        Column(
            "delivery",
            _("Carried out"),
            _("On the day of this file: planned, started, delivered or dropped. Empty: not in the plan."),
        ),
        Column(
            "expected_on",
            _("Next step by"),
            _("By when it starts (planned) or is done (started), as promised on the day of this file."),
        ),
        Column("late", _("Late"), _("Was that day past on the day of this file?")),
    ]


def _decision_columns() -> list[Column]:
    return [
        Column(
            "outcome",
            _("Decision"),
            _("advance: chosen. hold: held over. set_aside: not chosen. merge: joined with another."),
        ),
        Column("reason", _("Reason"), _("Code of the reason; empty for what was chosen.")),
        *_in_languages("reason_text", _("Reason in words"), _("What the public was told.")),
        Column("merged_into", _("Merged into"), _("Reference of the initiative that it was joined with.")),
        *_in_languages("override_reason", _("Against the ranking"), _("Why; “rank” is what it replaces.")),
        *_in_languages("decided_by", _("Decided by"), _("Body, where the sitting is named.")),
        Column("decided_on", _("Sitting"), _("Date of the sitting.")),
        Column("resolution", _("Resolution"), _("Number of the sitting’s resolution.")),
        Column("stood_aside", _("Stood aside"), _("Who took no part in this decision.")),
        Column("lot", _("Place drawn"), _("Where lots decided: the place drawn. Empty: no lots.")),
        *_in_languages("reply", _("The department’s reply"), _("What the department said to the decision.")),
        Column(
            "recommended",
            _("Recommended"),
            _("The decision before an amendment changed it. Empty: it was not changed."),
        ),
    ]


def _score_columns(document: Document, language: str) -> list[Column]:
    return [
        Column("rank", _("Rank"), _("1 is the highest score. Equal scores have equal ranks.")),
        Column(
            "points",
            _("Points"),
            _("0 to 100. Empty where fewer than three assessors judged it or a criterion: not zero."),
        ),
        *(
            Column(
                f"points_{one['key']}",
                _("Points: %(criterion)s") % {"criterion": choose(one["label"], language)},
                _("Part of the points, at most %(most)s.") % {"most": f"{100 * one['weight']:g}"},
            )
            for one in document["policy"]["criteria"]
            if one["weight"] is not None
        ),
        Column("reviews", _("Assessors"), _("How many judged it.")),
    ]


def _content_columns() -> list[Column]:
    return [
        Column("themes", _("Themes"), _("Keys of the themes, the one with the most impact first.")),
        Column("kind", _("Kind"), _("service, pilot, rule (policy or by-law) or project.")),
        Column("owner", _("Department"), _("Code of the department that carries it out.")),
        *_in_languages("owner_name", _("Name of the department"), _("Its name.")),
        Column("whole_city", _("Whole city"), _("Is it for the whole city?")),
        Column("districts", _("Districts"), _("Codes of the parts of the city that it is for.")),
        Column("timeframe_months", _("Months"), _("How many months it takes. Empty: not known.")),
        Column("quick_win", _("Quick win"), _("Marked as a quick win.")),
        Column("foundational", _("Others build on it"), _("Other initiatives need it first.")),
    ]


def _cost_columns() -> list[Column]:
    return [
        Column("cost_capital", _("Cost, once"), _("Sum of the capital costs. Empty: not known.")),
        Column("cost_operating", _("Cost, a year"), _("Sum of the running costs of one year.")),
        Column("cost_total", _("Cost, first year"), _("Capital costs and one year of running costs.")),
        Column(
            "funding",
            _("Funding"),
            _("secured, sought or none; mixed where cost lines differ. Empty: no cost is known."),
        ),
    ]


def staff_columns(document: Document, language: str, *, contacts: bool) -> list[Column]:
    """The public columns, and what only staff may read."""
    return [
        *public_columns(document, language),
        Column("effort", _("Effort"), _("1 to 5, as staff see it today.")),
        Column("risk", _("Risk"), _("0 to 5, as staff see it today.")),
        Column("champion", _("Champion"), _("Who stands up for it. Personal data.")),
        Column("owner_agreed_on", _("Department agreed on"), _("Empty: it has not agreed yet.")),
        Column("owner_agreement", _("How it agreed"), _("Who said so, when, in which letter.")),
        *(
            [
                Column(
                    "contacts",
                    _("Senders who may be asked"),
                    _(
                        "Of its ideas: reference, name, e-mail, phone, only where the sender agreed to be "
                        "asked. Personal data: every export is recorded."
                    ),
                )
            ]
            if contacts
            else []
        ),
    ]


def figure_columns() -> list[Column]:
    """The figures that a list was worked out from: one row a criterion, or one a single score."""
    return [
        Column("reference", _("Reference"), _("Of the initiative.")),
        Column("criterion", _("Criterion"), _("Its key in the scoring rules.")),
        Column("assessor", _("Assessor"), _("A letter drawn for this round; empty in rows of means.")),
        Column("score", _("Score"), _("As given by this assessor; empty in rows of means.")),
        Column(
            "mean", _("Mean"), _("Of the scores given, or the figure itself. Empty: too few people scored.")
        ),
        Column("adjusted", _("Adjusted mean"), _("With strict and lenient assessors evened out.")),
        Column("se", _("Standard error"), _("Of the mean; empty with fewer than two scores.")),
        Column("number", _("Number"), _("How many scores were given.")),
        Column("value", _("Value"), _("From 0 (worst level) to 1 (best level), as used in the ranking.")),
    ]
