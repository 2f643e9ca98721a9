"""Scoring rules in the admin: choosing, files, the editor, approval, the preview."""

import copy
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from prioritisation import services
from prioritisation.forms.policy_changes import rearranged
from prioritisation.forms.policy_editor import PolicyForm
from prioritisation.models import PolicyVersion
from prioritisation.policies import catalogue, schema, tomlfile
from prioritisation.workflow import Role
from tests import factories

pytestmark = pytest.mark.django_db

LIST = "/admin/prioritisation/policyversion/"
PERMISSIONS = ["prioritisation.view_policyversion", "prioritisation.manage_programme"]
SHIPPED = [one.key for one in catalogue.shipped()]


def sign_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def html(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def manager() -> Any:
    return factories.staff("manager", permissions=PERMISSIONS)


@pytest.fixture
def programme(manager: Any) -> Any:
    programme = factories.Programme()
    factories.member(programme, manager, Role.MANAGER)
    return programme


@pytest.fixture
def desk(manager: Any, programme: Any) -> Client:
    return sign_in(manager)


def adopt(programme: Any, by: Any, key: str = "montreal-2015") -> PolicyVersion:
    return services.adopt_policy(
        programme=programme, document=catalogue.load(key), by=by, at=factories.NOW, source=key
    )


@pytest.fixture
def version(programme: Any, manager: Any) -> PolicyVersion:
    return adopt(programme, manager)


def page(version: PolicyVersion, name: str) -> str:
    return f"{LIST}{version.pk}/{name}"


def as_sent(document: dict[str, Any], number: int = 1) -> dict[str, Any]:
    """The editor's form as a browser sends it back when nothing was touched."""
    form = PolicyForm(document=document, version=number)
    data: dict[str, Any] = {"version": str(number), "document": form.carried}
    for bound in form:
        if bound.name == "version":
            continue
        value = bound.value()
        widget = bound.field.widget
        if hasattr(widget, "codes"):
            for code, words in zip(widget.codes, widget.decompress(value), strict=True):
                data[f"{bound.html_name}_{code}"] = words.replace("\n", "\r\n")
        elif value is True:
            data[bound.html_name] = "on"
        elif value not in (False, None):
            data[bound.html_name] = value
    return data


# Choosing -----------------------------------------------------------------------------------------


def test_presets_tell_what_is_whose_and_become_a_draft(desk: Client, programme: Any) -> None:
    listed = html(desk.get(f"{LIST}presets/"))
    for one in catalogue.shipped():
        assert f"{LIST}presets/{one.key}/" in listed
    assert "The scale, the words for each level" in listed
    shown = html(desk.get(f"{LIST}presets/montreal-2015/"))
    assert "Impact on enabling infrastructure" in shown
    assert "Several other initiatives cannot start without it" in shown
    answer = desk.post(f"{LIST}presets/montreal-2015/", {"programme": programme.pk})
    made = PolicyVersion.objects.get()
    assert answer["Location"] == page(made, "change/")
    assert made.sha256 == schema.digest(catalogue.load("montreal-2015"))
    assert made.approved_at is None
    assert desk.get(f"{LIST}presets/nowhere/").status_code == 404


def test_nothing_is_adopted_for_a_programme_of_others(desk: Client) -> None:
    other = factories.Programme()
    assert desk.post(f"{LIST}presets/blank/", {"programme": other.pk}).status_code == 200
    assert PolicyVersion.objects.count() == 0


# Files --------------------------------------------------------------------------------------------


def upload(client: Client, programme: Any, text: bytes) -> Any:
    file = SimpleUploadedFile("rules.toml", text)
    return client.post(f"{LIST}import/", {"programme": programme.pk, "file": file})


def test_rules_go_out_and_come_back_the_same(desk: Client, programme: Any, version: PolicyVersion) -> None:
    out = desk.get(page(version, "rules.toml"))
    assert out["Content-Disposition"] == f'attachment; filename="{programme.slug}-rules-1.toml"'
    answer = upload(desk, programme, out.content)
    assert answer.status_code == 302, html(answer)
    assert PolicyVersion.objects.get(number=2).sha256 == version.sha256


def test_every_fault_of_a_file_is_told_with_its_line_and_nothing_changes(
    desk: Client, programme: Any
) -> None:
    text = tomlfile.dumps(catalogue.load("montreal-2015"))
    broken = text.replace('kind = "benefit"', 'kind = "nice"', 1).replace("step = 1", "step = 7", 1)
    lines = broken.split("\n")
    answer = upload(desk, programme, broken.encode())
    said = html(answer)
    assert answer.status_code == 422
    for wrong, path in (('kind = "nice"', "criteria[0].kind"), ("step = 7", "scale.step")):
        line = next(number for number, one in enumerate(lines, start=1) if one == wrong)
        assert f'>{line}</td><th scope="row"><code>{path}</code>' in said
    assert PolicyVersion.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"title = ", "is not valid TOML"),
        (b"", "is missing"),
        (b"x" * 1_000_001, "larger than"),
    ],
)
def test_a_file_that_is_no_policy_is_refused_in_words(
    desk: Client, programme: Any, content: bytes, told: str
) -> None:
    answer = upload(desk, programme, content)
    assert answer.status_code == 422
    assert told in html(answer)
    assert PolicyVersion.objects.count() == 0


# The editor ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", SHIPPED)
def test_saving_untouched_rules_keeps_their_fingerprint(
    desk: Client, programme: Any, manager: Any, key: str
) -> None:
    version = adopt(programme, manager, key)
    before = version.sha256
    assert desk.get(page(version, "edit/")).status_code == 200
    answer = desk.post(page(version, "edit/"), as_sent(version.document))
    assert answer.status_code == 302, html(answer)
    version.refresh_from_db()
    assert version.version == 2
    assert version.sha256 == before
    assert version.document == catalogue.load(key)


def test_saving_untouched_rules_writes_no_defaults_and_trims_no_text(
    desk: Client, programme: Any, manager: Any
) -> None:
    document = catalogue.load("montreal-2015")
    for criterion in document["criteria"]:
        for name in ("use", "published", "anchors_by"):
            del criterion[name]
    for criterion in document["criteria"][:4]:
        del criterion["source"], criterion["direction"]
    document["criteria"][0]["question"]["en"] += " \n"
    document["criteria"][0]["points"] = 100.0
    del document["scale"]["step"], document["tie_break"], document["assessors_per_initiative"]
    version = services.adopt_policy(programme=programme, document=document, by=manager, at=factories.NOW)
    assert desk.post(page(version, "edit/"), as_sent(version.document)).status_code == 302
    version.refresh_from_db()
    assert version.document == document


def test_what_is_changed_is_changed_and_nothing_else(desk: Client, version: PolicyVersion) -> None:
    sent = as_sent(version.document) | {
        "criteria-0-points": "50",
        "criteria-0-anchors-5_en": "Opens everything",
        "criteria-4-value_points": "0: 1\r\n24: 0,5\r\n60: 0",
        "stages-1-keep": "40",
        "reasons-0-public_text_fr": "Trop bas.",
    }
    assert desk.post(page(version, "edit/"), sent).status_code == 302
    expected = catalogue.load("montreal-2015")
    expected["criteria"][0]["points"] = 50
    expected["criteria"][0]["anchors"]["5"]["en"] = "Opens everything"
    expected["criteria"][4]["value_points"] = [[0, 1], [24, 0.5], [60, 0]]
    expected["stages"][1]["keep"] = 40
    expected["reasons"][0]["public_text"]["fr"] = "Trop bas."
    version.refresh_from_db()
    assert version.document == expected
    shown = html(desk.get(page(version, "edit/")))
    assert ">11%</output>" in shown
    assert ">22%</output>" in shown


def test_faults_stand_beside_their_fields_and_in_the_summary(desk: Client, version: PolicyVersion) -> None:
    sent = as_sent(version.document) | {
        "criteria-1-points": "many",
        "criteria-2-question_fr": "",
        "criteria-0-label_en": "Typed and kept",
        "stages-1-keep": "0",
    }
    answer = desk.post(page(version, "edit/"), sent)
    said = html(answer)
    assert answer.status_code == 422
    assert "3 things need your attention" in said
    assert '<a href="#id_criteria-1-points">Contribution to strategic objectives: Points</a>' in said
    assert "fr: is missing" in said
    assert 'value="many"' in said
    assert "Typed and kept" in said
    assert 'id="id_stages-1-keep_error"' in said
    version.refresh_from_db()
    assert version.version == 1


def test_a_rule_of_the_mix_that_lost_its_criterion_is_told_beside_its_field(
    desk: Client, version: PolicyVersion
) -> None:
    document = catalogue.load("boston-monum")
    version = adopt(version.programme, version.created_by, "boston-monum")
    used = [one["criterion"] for one in document["mix"] if "criterion" in one]
    index = next(n for n, one in enumerate(document["criteria"]) if one["key"] in used)
    taken = rearranged(document, f"criteria-{index}-remove")
    answer = desk.post(page(version, "edit/"), as_sent(taken))
    assert answer.status_code == 422
    place = next(n for n, one in enumerate(document["mix"]) if "criterion" in one)
    assert f'id="id_mix-{place}-criterion_error"' in html(answer)


def test_criteria_are_added_moved_and_removed_without_saving(desk: Client, version: PolicyVersion) -> None:
    sent = as_sent(version.document) | {"criteria-0-label_en": "Typed and kept", "_do": "criteria-0-down"}
    moved = desk.post(page(version, "edit/"), sent)
    form = moved.context["form"]
    assert [one["key"] for one in form.document["criteria"]][:2] == ["strategy", "enabling"]
    assert form.document["criteria"][1]["label"]["en"] == "Typed and kept"
    assert "Not saved yet" in html(moved)
    added = desk.post(page(version, "edit/"), as_sent(form.document) | {"_do": "criteria-add"})
    form = added.context["form"]
    assert len(form.document["criteria"]) == 6
    removed = desk.post(page(version, "edit/"), as_sent(form.document) | {"_do": "criteria-0-remove"})
    form = removed.context["form"]
    assert [one["key"] for one in form.document["criteria"]] == [
        "enabling",
        "citizens",
        "return",
        "time",
        "criterion-6",
    ]
    version.refresh_from_db()
    assert version.document == catalogue.load("montreal-2015")
    unfinished = desk.post(page(version, "edit/"), as_sent(form.document))
    assert unfinished.status_code == 422
    finished = as_sent(form.document)
    for field in ("label", "question"):
        finished |= {f"criteria-4-{field}_en": "Fairness", f"criteria-4-{field}_fr": "Équité"}
    assert desk.post(page(version, "edit/"), finished).status_code == 302
    version.refresh_from_db()
    assert version.document["criteria"][4]["label"] == {"en": "Fairness", "fr": "Équité"}


@pytest.mark.parametrize(
    "wanted", ["gates-add", "stages-0-up", "reasons-99-remove", "x-add", "criteria--1-up"]
)
def test_rearranging_never_breaks(wanted: str) -> None:
    document = catalogue.load("montreal-2015")
    after = rearranged(document, wanted)
    assert document == catalogue.load("montreal-2015")
    assert (after != document) == (wanted == "gates-add")


def test_turning_a_judged_criterion_into_a_measured_one_asks_for_its_table(
    desk: Client, version: PolicyVersion
) -> None:
    sent = as_sent(version.document) | {"criteria-0-source": "staff_figure"}
    answer = desk.post(page(version, "edit/"), sent)
    assert answer.status_code == 422
    said = html(answer)
    assert 'name="criteria-0-value_points"' in said
    assert 'id="id_criteria-0-figure_error"' in said


def test_warnings_are_shown_beside_and_do_not_refuse(desk: Client, version: PolicyVersion) -> None:
    assert "Cost would count twice" in html(desk.get(page(version, "edit/")))
    assert "Cost would count twice" in html(desk.get(page(version, "change/")))


def test_who_was_slower_is_told_and_keeps_what_was_typed(
    desk: Client, version: PolicyVersion, manager: Any
) -> None:
    slow = as_sent(version.document) | {"criteria-0-label_en": "My own label"}
    other = catalogue.load("montreal-2015")
    other["criteria"][0]["points"] = 10
    services.save_policy(policy_version=version, document=other, by=manager, at=factories.NOW)
    answer = desk.post(page(version, "edit/"), slow)
    assert answer.status_code == 409
    assert "Somebody else changed these scoring rules" in html(answer)
    assert "My own label" in html(answer)
    version.refresh_from_db()
    assert version.document == other


def test_a_document_that_came_back_broken_is_refused(desk: Client, version: PolicyVersion) -> None:
    for broken in ("", "[]", '{"criteria": 5}', '{"gates": ["x"]}', "[" * 100_000):
        sent = as_sent(version.document) | {"document": broken}
        assert desk.post(page(version, "edit/"), sent).status_code == 400, broken[:20]
    odd = {**version.document, "title": ["a"], "scale": "wide", "languages": "en"}
    answer = desk.post(page(version, "edit/"), as_sent(version.document) | {"document": json.dumps(odd)})
    assert answer.status_code in {302, 422}


# Approval -----------------------------------------------------------------------------------------


def test_approved_rules_never_change_and_a_new_version_does(desk: Client, version: PolicyVersion) -> None:
    desk.post(page(version, "approve/"), {"version": "1", "sure": "on"})
    version.refresh_from_db()
    assert version.approved_at is not None
    assert desk.get(page(version, "approve/"))["Location"] == page(version, "change/")
    assert version.sha256 in html(desk.get(page(version, "change/")))
    sent = as_sent(version.document, version.version) | {"criteria-0-points": "1"}
    assert desk.post(page(version, "edit/"), sent).status_code == 302
    version.refresh_from_db()
    assert version.sha256 == schema.digest(catalogue.load("montreal-2015"))
    with pytest.raises(services.programmes.Refused):
        services.save_policy(
            policy_version=version, document=version.document, by=version.created_by, at=factories.NOW
        )
    answer = desk.post(page(version, "copy/"))
    copied = PolicyVersion.objects.get(number=2)
    assert answer["Location"] == page(copied, "edit/")
    assert (copied.sha256, copied.approved_at) == (version.sha256, None)


def test_only_what_was_seen_is_approved(desk: Client, version: PolicyVersion, manager: Any) -> None:
    changed = catalogue.load("montreal-2015")
    changed["criteria"][0]["points"] = 10
    services.save_policy(policy_version=version, document=changed, by=manager, at=factories.NOW)
    answer = desk.post(page(version, "approve/"), {"version": "1", "sure": "on"})
    said = html(answer)
    assert (answer.status_code, "Somebody else changed these scoring rules" in said) == (422, True)
    version.refresh_from_db()
    assert version.approved_at is None
    # The page shows the rules as they are now, and its tick is to be given again.
    assert version.sha256 in said
    assert f'name="version" value="{version.version}"' in said
    assert "checked" not in said


def test_approving_shows_what_is_locked_and_asks_for_a_tick(
    desk: Client, version: PolicyVersion, manager: Any
) -> None:
    said = html(desk.get(page(version, "approve/")))
    for shown in (version.sha256, str(manager), "What will be locked", "Impact on residents", "criteria"):
        assert shown in said, shown
    answer = desk.post(page(version, "approve/"), {"version": "1"})
    assert (answer.status_code, "Tick this box" in html(answer)) == (422, True)
    version.refresh_from_db()
    assert version.approved_at is None
    detail = html(desk.get(page(version, "change/")))
    assert f'href="{page(version, "approve/")}"' in detail


def test_the_preview_shows_each_team_its_own_form(desk: Client, version: PolicyVersion) -> None:
    document = copy.deepcopy(version.document)
    document["teams"] = [{"key": "finance", "label": {"en": "Finance", "fr": "Finances"}}]
    document["criteria"][3]["team"] = "finance"
    PolicyVersion.objects.filter(pk=version.pk).update(document=document)
    said = html(desk.get(page(version, "preview/")))
    own = said.index("What the team “Finance” is asked")
    others = said.index("What all others are asked")
    label = schema.parse(document).criteria[3].label["en"]
    assert own < said.index(label) < others
    assert said.count(label) == 1


def test_the_preview_shows_every_anchor(desk: Client, version: PolicyVersion) -> None:
    said = html(desk.get(page(version, "preview/")))
    policy = schema.parse(version.document)
    for criterion in policy.assessed_criteria():
        for level in criterion.levels:
            assert level.text["en"].replace("'", "&#x27;") in said
    assert "nobody is asked" in said


# Whose they are -----------------------------------------------------------------------------------


def test_another_programmes_manager_sees_and_does_nothing(version: PolicyVersion) -> None:
    user = factories.staff("stranger", permissions=PERMISSIONS)
    factories.member(factories.Programme(), user, Role.MANAGER)
    stranger = sign_in(user)
    assert page(version, "change/") not in html(stranger.get(LIST))
    for name in ("change/", "edit/", "approve/", "copy/", "preview/", "rules.toml"):
        assert stranger.get(page(version, name)).status_code == 404, name
        assert stranger.post(page(version, name), as_sent(version.document)).status_code in {403, 404}, name
    version.refresh_from_db()
    assert (version.version, version.approved_at, PolicyVersion.objects.count()) == (1, None, 1)


def test_an_analyst_reads_and_does_not_write(programme: Any, version: PolicyVersion) -> None:
    user = factories.staff("analyst", permissions=["prioritisation.view_policyversion"])
    factories.member(programme, user, Role.ANALYST)
    analyst = sign_in(user)
    assert "Impact on residents" in html(analyst.get(page(version, "change/")))
    assert "Approve these rules" not in html(analyst.get(page(version, "change/")))
    for name in ("edit/", "approve/", "copy/"):
        assert analyst.post(page(version, name), as_sent(version.document)).status_code == 404, name
    assert analyst.get(f"{LIST}presets/").status_code == 404
