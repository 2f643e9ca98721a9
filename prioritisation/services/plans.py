"""Publishing: decisions together, by a second person; the plan as a document; authors told."""

import hashlib
import json
import secrets
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from engagement.models import Idea, Notice, User
from engagement.services import Refused, Stale, examples
from prioritisation.models import (
    Amendment,
    Decision,
    Draw,
    IdeaLink,
    Initiative,
    Plan,
    PlanText,
    PlanVersion,
    Programme,
    Round,
)
from prioritisation.policies import schema
from prioritisation.services import funnel
from prioritisation.services.access import hold_plan, hold_programme, record, require_move, require_role
from prioritisation.services.decisions import against_ranking, undecided
from prioritisation.services.limits import require_within_limits
from prioritisation.services.lots import outdated
from prioritisation.services.outcomes import tell_authors
from prioritisation.services.plan_contents import plan_document
from prioritisation.services.results import latest_result
from prioritisation.services.sittings import require_held
from prioritisation.services.writers import own, prepared_by, sitting_by
from prioritisation.workflow import ROUND_MOVES, InitiativeState, Outcome, Role, RoundState


@transaction.atomic
def save_plan(
    *,
    programme: Programme,
    slug: str,
    title: dict[str, str],
    by: User,
    at: datetime,
    intro: dict[str, str] | None = None,
    version: int | None = None,
) -> Plan:
    """The name and introduction of a programme's plan. Nothing is public before its first version."""
    require_role(by, programme, Role.MANAGER, Role.PUBLISHER)
    hold_programme(programme)
    plan = Plan.objects.filter(programme=programme).first()
    if Plan.objects.filter(slug=slug).exclude(programme=programme).exists():
        raise _name_taken()
    values = {"slug": slug, "title": title, "intro": intro or {}}
    try:
        with transaction.atomic():
            if plan is None:
                return Plan.objects.create(programme=programme, created_at=at, **values)
            seen = plan.version if version is None else version
            named = Plan.objects.filter(pk=plan.pk, version=seen)
            changed = named.update(version=F("version") + 1, **values)
    except IntegrityError as error:  # another programme's plan took it meanwhile
        raise _name_taken() from error
    if not changed:
        raise Stale(_("Somebody else changed this plan. Look again before you save."))
    plan.refresh_from_db()
    return plan


def _name_taken() -> Refused:
    return Refused(_("Another plan has this short name."), field="slug")


def check_publishable(*, round: Round, by: User) -> None:
    """Refuses, with the reason, what would not be fit to publish."""
    require_move(ROUND_MOVES["publish_decisions"], state=round.state, by=by, programme=round.programme)
    open_ones = undecided(round).count()
    if open_ones:
        raise Refused(
            _("%(count)s initiatives are not decided yet, ties across the line among them.")
            % {"count": open_ones},
            code="undecided",
        )
    pending = _pending(round)
    if round.programme.second_person and pending.filter(prepared_by(by)).exists():
        raise Refused(
            _("You prepared some of these decisions. Another person has to publish them."),
            code="second_person",
        )
    if round.programme.second_person and pending.filter(sitting_by(by)).exists():
        raise Refused(
            _("You wrote down a sitting that these decisions name. Another person has to publish them."),
            code="second_person",
        )
    if not Plan.objects.filter(programme=round.programme).exists():
        raise Refused(_("Give the plan a name first."), code="plan")
    _require_present_ranking(round, pending)
    _require_present_lots(pending)
    _require_whole_ways(pending)


def _require_present_ranking(round: Round, pending: Any) -> None:
    """Refuses what was decided before the ranking was made again, where the new one says otherwise."""
    rows = {row["reference"]: row for row in latest_result(round).output["rows"]}
    plain = pending.filter(round=round, draw__isnull=True, override_reason={})
    decided = plain.values_list("initiative__reference", "outcome")
    astray = sorted(reference for reference, outcome in decided if against_ranking(rows[reference], outcome))
    if astray:
        raise Refused(
            _("The ranking was made again and says otherwise of: %(names)s. Decide these anew.")
            % {"names": ", ".join(astray)},
            code="ranking",
        )


def _require_present_lots(pending: Any) -> None:
    """Refuses what lots decided among those who are no longer the equals at the line."""
    drawn = Draw.objects.filter(decisions__in=pending.filter(draw__isnull=False)).distinct()
    for draw in drawn.select_related("round"):
        if outdated(draw):
            raise Refused(
                _(
                    "The ranking was made again since lots were drawn, and those drawn among are no longer "
                    "the equals at the line: %(names)s. Call the draw off, and decide these anew."
                )
                % {"names": ", ".join(draw.among)},
                code="draw",
            )


def _require_whole_ways(pending: Any) -> None:
    """Refuses a merge into what is itself merged away: the ideas of the first would be lost on the way."""
    merges = pending.filter(outcome=Outcome.MERGE, round__isnull=False)
    leaving = set(merges.values_list("initiative_id", flat=True))
    gone = Q(merge_into__in=leaving) | Q(merge_into__state=InitiativeState.MERGED)
    astray = merges.filter(gone).select_related("initiative", "merge_into").first()
    if astray is not None and astray.merge_into is not None:
        raise Refused(
            _("%(reference)s goes into %(into)s, which is itself joined with another. Decide one anew.")
            % {"reference": astray.initiative.reference, "into": astray.merge_into.reference},
            code="merge",
        )


def _pending(round: Round) -> Any:
    """This round's pending decisions, and those made before any round (merged, set aside)."""
    return (
        Decision.objects.pending().filter(round=round)
        | Decision.objects.pending().filter(round__isnull=True, initiative__programme=round.programme)
    ).distinct()


@transaction.atomic
def publish_round(
    *, round: Round, by: User, at: datetime, version: int | None = None, over_reason: str = ""
) -> PlanVersion:
    """Publishes all pending decisions at once, makes a version of the plan, and has authors told.

    Past a budget line or what a department can carry it needs a reason, which stays on the timeline.
    """
    check_publishable(round=round, by=by)
    over = require_within_limits(round, over_reason).over
    published = _publish(round, by=by, at=at, version=version)
    if over:
        record(round.programme, "publish_over_limits", at=at, by=by, round=round, note=over_reason.strip())
    return published


def _publish(round: Round, *, by: User, at: datetime, version: int | None) -> PlanVersion:
    programme = round.programme
    hold_plan(programme)
    seen = round.version if version is None else version
    moved = Round.objects.filter(pk=round.pk, state=RoundState.CLOSED, version=seen).update(
        state=RoundState.DECIDED, decided_at=at, version=F("version") + 1
    )
    if not moved:
        raise Stale(_("Somebody else published this round, or changed it. Look again."))
    round.refresh_from_db()
    # Held before they are read: what is published is what was decided, in the sitting that was looked at.
    held = Decision.objects.filter(pk__in=_pending(round).values("pk")).order_by("pk")
    list(held.select_for_update(no_key=True).values_list("pk"))
    _go_by_present_ranking(round)
    pending = list(_pending(round).select_related("initiative", "merge_into", "meeting"))
    sittings = {one.meeting for one in pending if one.meeting is not None}
    require_held(sittings, at=at)
    alone = bool(own(_pending(round), by))
    Decision.objects.filter(pk__in=[decision.pk for decision in pending]).update(
        published_at=at, published_by=by, version=F("version") + 1
    )
    for decision in pending:
        _carry_out(decision, round, by=by, at=at)
    record(programme, "publish_decisions", at=at, by=by, round=round, note=str(len(pending)), public=True)
    published = publish_version(programme, round, by=by, at=at, second_person=not alone)
    tell_authors(programme, published.plan, by=by, at=at)
    return published


def _go_by_present_ranking(round: Round) -> None:
    """Gives decisions drafted before the ranking was made again the rank that they now have.

    The plan shows the figures of the newest ranking; figures of two would tell the scores between them.
    """
    result = latest_result(round)
    rows = {row["reference"]: row for row in result.output["rows"]}
    older = list(
        Decision.objects.pending().filter(round=round).exclude(result=result).select_related("initiative")
    )
    for decision in older:
        row = rows[decision.initiative.reference]
        decision.result, decision.rank = result, row["rank"]
        if decision.draw_id is None and not against_ranking(row, decision.outcome):
            decision.override_reason = {}
    Decision.objects.bulk_update(older, ["result", "rank", "override_reason"], batch_size=500)


class _Undo(Exception):  # noqa: N818 - never seen outside
    """Takes the rehearsal back."""


def rehearse_publication(*, round: Round, by: User, at: datetime) -> dict[str, Any]:
    """What publishing now would do: `{"funnel", "mails", "ideas", "examples"}`. All of it is taken back.

    Nothing is guessed, so the preview cannot differ from what follows. Refuses where a decision is missing.
    """
    require_role(by, round.programme, Role.MANAGER, Role.PUBLISHER)
    if round.state != RoundState.CLOSED or undecided(round).exists():
        raise Refused(_("Decide every initiative of the closed round first."), code="undecided")
    found: dict[str, Any] = {}
    before = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    rehearsed = Round.objects.get(pk=round.pk)
    try:
        with transaction.atomic():
            programme = round.programme
            if not Plan.objects.filter(programme=programme).exists():
                Plan.objects.create(programme=programme, slug=f"rehearsal-{round.pk}", created_at=at)
            published = _publish(rehearsed, by=by, at=at, version=None)
            new = Notice.objects.filter(pk__gt=before, kind="engagement.idea_outcome")
            found = {
                "funnel": published.document["funnel"],
                "mails": new.count(),
                "ideas": len(published.document["texts"]),
                "examples": examples(new, at=at),
            }
            raise _Undo
    except _Undo:
        return found


def _carry_out(decision: Decision, round: Round, *, by: User, at: datetime) -> None:
    """Moves the initiative to what was decided."""
    policy = schema.parse(round.policy_version.document)
    last = [stage.key for stage in policy.stages if stage.unit == "initiatives"][-1]
    initiative = decision.initiative
    to = {
        Outcome.ADVANCE: InitiativeState.CHOSEN if round.stage == last else InitiativeState.READY,
        Outcome.HOLD: InitiativeState.READY,
        Outcome.SET_ASIDE: InitiativeState.SET_ASIDE,
        Outcome.MERGE: InitiativeState.MERGED,
    }[Outcome(decision.outcome)]
    before = initiative.state
    if before == InitiativeState.READY:
        Initiative.objects.filter(pk=initiative.pk, state=before).update(
            state=to, merged_into=decision.merge_into, changed_at=at, version=F("version") + 1
        )
        if decision.merge_into is not None and decision.round_id is not None:
            _take_ideas_along(initiative, decision.merge_into, by=by, at=at)
    record(
        round.programme,
        "publish_decision",
        at=at,
        by=by,
        round=round,
        initiative=initiative,
        from_state=before,
        to_state=to,
        reason=decision.reason,
        text=decision.text,
        public=True,
    )


def _take_ideas_along(initiative: Initiative, into: Initiative, *, by: User, at: datetime) -> None:
    there = set(into.idea_links.values_list("idea_id", flat=True))
    IdeaLink.objects.bulk_create(
        IdeaLink(idea_id=key, initiative=into, linked_at=at, linked_by=by)
        for key in initiative.idea_links.values_list("idea_id", flat=True)
        if key not in there
    )


def publish_version(
    programme: Programme,
    round: Round,
    *,
    by: User,
    at: datetime,
    second_person: bool,
    amendment: Amendment | None = None,
    written: bool = True,
) -> PlanVersion:
    """The next version of the plan from what is decided now; `round` is the one whose rules it names.

    With `amendment` that one is adopted by it. The document is written last: it tells of the amendment, too.
    Without `written` it is left out, for who takes the version back at once.
    """
    plan = hold_plan(programme)
    last = plan.versions.order_by("-number").first()
    published = PlanVersion.objects.create(
        plan=plan,
        number=last.number + 1 if last else 1,
        document={},
        sha256="",
        published_at=at,
        published_by=by,
        approved_by=by if second_person else None,
    )
    if amendment is not None:
        Amendment.objects.filter(pk=amendment.pk, adopted_at__isnull=True).update(
            adopted_at=at, adopted_by=by, published=published, version=F("version") + 1
        )
    if not written:
        return published
    texts = _salted_texts(programme)
    document = plan_document(plan, round, second_person=second_person, at=at)
    document["texts"] = {reference: digest for reference, (_key, _salt, digest) in sorted(texts.items())}
    published.document, published.sha256 = document, document_digest(document)
    PlanVersion.objects.filter(pk=published.pk, sha256="").update(
        document=published.document, sha256=published.sha256
    )
    PlanText.objects.bulk_create(
        PlanText(plan_version=published, idea_id=key, salt=salt, digest=digest)
        for key, salt, digest in texts.values()
    )
    return published


def document_digest(document: dict[str, Any]) -> str:
    """Sha256 of a document in one spelling: sorted keys, no spaces, UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def text_digest(salt: str, idea: Idea) -> str:
    words = "\x1f".join((idea.reference, idea.public_title, idea.public_problem, idea.public_proposal))
    return hashlib.sha256(f"{salt}\x1f{words}".encode()).hexdigest()


def _salted_texts(programme: Programme) -> dict[str, tuple[int, str, str]]:
    found = {}
    for idea in funnel.counted_ideas(programme).filter(initiative_links__isnull=False).distinct():
        salt = secrets.token_hex(16)
        found[idea.reference] = (idea.pk, salt, text_digest(salt, idea))
    return found
