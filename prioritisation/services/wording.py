"""Draft texts for decisions, in each of the city's languages, for people to edit."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.text import choose
from prioritisation import rankings
from prioritisation.policies import schema


def languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def in_each_language(make: Any) -> dict[str, str]:
    """`make(language)` for every language of the city, under that language's translations."""
    texts = {}
    for language in languages():
        with translation.override(language):
            texts[language] = make(language)
    return texts


def decision_draft(
    policy: schema.Policy, row: dict[str, Any], reason: str, medians: Mapping[str, float]
) -> dict[str, str]:
    """The code's standard text, then what decided it: the gate, or the two criteria that cost it most.

    `medians`: by criterion the median of those chosen (`rankings.chosen_medians`).
    """

    def make(language: str) -> str:
        parts = [_standard(policy, reason, language)]
        failed = [gate["key"] for gate in row["gates"] if gate["verdict"] == "fail"]
        unknown = [gate["key"] for gate in row["gates"] if gate["verdict"] == "needs_information"]
        if failed:
            parts += [choose(gate.public_text, language) for gate in policy.gates if gate.key in failed]
        elif unknown:
            names = [_quoted(choose(gate.label, language)) for gate in policy.gates if gate.key in unknown]
            parts.append(_("First this must be known: %(criteria)s.") % {"criteria": ", ".join(names)})
        elif row["status"] in ("out", "tie"):
            parts.append(_weakest(policy, row, language, medians))
        elif row["status"] == "needs_assessment":
            parts.append(_("Too few scores are known to rank it."))
        return " ".join(part for part in parts if part)

    return in_each_language(make)


def _standard(policy: schema.Policy, reason: str, language: str) -> str:
    try:
        return choose(policy.reason(reason).public_text, language)
    except KeyError:
        return ""


def _weakest(policy: schema.Policy, row: dict[str, Any], language: str, medians: Mapping[str, float]) -> str:
    """What kept it from the line most, in the words of the anchors nearest to its mean scores.

    Not where it did as well as half of those chosen: that weighed nothing against it. Nor where so few gave
    them that the anchor would be somebody's score.
    """
    held = rankings.withheld([one.key for one in policy.assessed_criteria()], row["criteria"])
    costly = [
        key
        for key, _lost in rankings.costliest(policy, row, len(row["criteria"]))
        if key not in held and row["criteria"][key]["value"] < medians.get(key, 1.0)
    ]
    told = [_criterion_words(policy, row, key, language) for key in costly[:2]]
    if not told:
        return ""
    return _("What weighed most against it: %(criteria)s.") % {"criteria": "; ".join(told)}


def _criterion_words(policy: schema.Policy, row: dict[str, Any], key: str, language: str) -> str:
    criterion = policy.criterion(key)
    label = choose(criterion.label, language)
    mean = row["criteria"][key]["mean"]
    if criterion.source != "assessor":
        unit = choose(criterion.unit, language) if criterion.unit else ""
        figure = number_format(mean, 0 if mean == int(mean) else 1)
        return f"{label} ({figure} {unit})".replace(" )", ")")
    nearest = min(criterion.levels, key=lambda level: abs(level.value - mean), default=None)
    return f"{label} ({_quoted(choose(nearest.text, language))})" if nearest else label


def _quoted(text: str) -> str:
    return _("“%(text)s”") % {"text": text}


def in_plan_text(titles: Iterable[dict[str, str]]) -> dict[str, str]:
    """What the author of an idea is told when it is in the plan."""
    titles = list(titles)

    def make(language: str) -> str:
        names = ", ".join(_quoted(choose(title, language)) for title in titles)
        return _("Your idea is in the plan, as part of %(initiatives)s.") % {"initiatives": names}

    return in_each_language(make)


def set_aside_text(decisions: Iterable[tuple[dict[str, str], dict[str, str]]]) -> dict[str, str]:
    """What the author is told when every initiative with the idea was set aside: which, and why."""
    decisions = list(decisions)

    def make(language: str) -> str:
        told = [
            _("Your idea became part of “%(title)s”, which is not in the plan. %(why)s")
            % {"title": choose(title, language), "why": choose(text, language)}
            for title, text in decisions
        ]
        return "\n\n".join(told)

    return in_each_language(make)


def same_wish_text(reference: str, text: dict[str, str]) -> dict[str, str]:
    """What the author of a joined idea is told: the outcome of the idea that it was joined with."""

    def make(language: str) -> str:
        opening = _("Your idea was joined with %(reference)s, which asks for the same.") % {
            "reference": reference
        }
        return f"{opening} {choose(text, language)}"

    return in_each_language(make)


def draw_text(place: int, among: int, places: int) -> dict[str, str]:
    """What the public reads of an initiative that lots decided on."""

    in_plan = gettext_lazy(
        "Equal with others, it was drawn by lot: place %(place)s of %(among)s, with room for %(places)s."
    )
    not_in = gettext_lazy(
        "Equal with others at the line, it lost the draw by lot: place %(place)s of %(among)s, "
        "with room for %(places)s."
    )
    drawn = {"place": place, "among": among, "places": places}
    return in_each_language(lambda _language: str(in_plan if place <= places else not_in) % drawn)


def no_longer_text() -> dict[str, str]:
    """What stands on an idea whose initiative was opened again after it was set aside."""
    return in_each_language(
        lambda _language: _("It is being worked on again. What is decided will stand here.")
    )


def nearest_text(policy: schema.Policy, change: Mapping[str, Any]) -> dict[str, str]:
    """One change of `rankings.nearest_changes` in words: what would have brought it to the line."""
    words = {"level": _level_words, "figure": _figure_words, "gate": _gate_words, "missing": _missing_words}
    return in_each_language(lambda language: words[change["kind"]](policy, change, language))


def _level_words(policy: schema.Policy, change: Mapping[str, Any], language: str) -> str:
    criterion = policy.criterion(change["criterion"])
    level = criterion.level(change["level"])
    said = {
        "criterion": choose(criterion.label, language),
        "from": number_format(change["from"], 1),
        "to": number_format(change["to"], 1),
    }
    text = (
        _("A mean of %(to)s instead of %(from)s on “%(criterion)s” would have brought it to the line.") % said
    )
    if level is None:
        return text
    told = _("Level %(level)s there is: “%(anchor)s”.") % {
        "level": number_format(level.value, 0 if level.value.is_integer() else 1),
        "anchor": choose(level.text, language),
    }
    return f"{text} {told}"


def _figure_words(policy: schema.Policy, change: Mapping[str, Any], language: str) -> str:
    criterion = policy.criterion(change["criterion"])
    return _(
        "%(to)s instead of %(from)s (%(unit)s) on “%(criterion)s” would have brought it to the line."
    ) % {
        "criterion": choose(criterion.label, language),
        "from": _plain_figure(change["from"]),
        "to": _plain_figure(change["to"]),
        "unit": choose(criterion.unit or criterion.label, language),
    }


def _plain_figure(figure: float) -> str:
    return number_format(figure, 0 if float(figure).is_integer() else 1, use_l10n=True, force_grouping=True)


def _gate_words(policy: schema.Policy, change: Mapping[str, Any], language: str) -> str:
    gate = next(one for one in policy.gates if one.key == change["gate"])
    text = _("One condition alone kept it out: “%(condition)s”.") % {
        "condition": choose(gate.label, language)
    }
    if change["to_line"]:
        then = _("With it met, it would have come to the line.")
    else:
        then = _("With it met, it would still have been below the line.")
    return f"{text} {then}"


def _missing_words(policy: schema.Policy, change: Mapping[str, Any], language: str) -> str:
    names = [_quoted(choose(policy.criterion(key).label, language)) for key in change["criteria"]]
    return _("First this must be known: %(criteria)s.") % {"criteria": ", ".join(names)}
