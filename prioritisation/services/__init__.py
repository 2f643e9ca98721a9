"""The only code of this app that writes: verbs with keyword arguments, one transaction, one event each.

`by` is the member of staff who acts, `at` the time it happens. Every verb checks the member's role in the
programme, and refuses with `engagement.services.Refused`, or `Stale` where somebody was faster.
"""

from prioritisation.services.access import has_role
from prioritisation.services.assessments import (
    declare_conflict,
    hand_in,
    is_complete,
    progress,
    save_assessment,
    save_score,
    skip_assignment,
)
from prioritisation.services.checklist import (
    StepDraft,
    add_steps,
    change_step,
    propose_steps,
    remove_step,
    tick_step,
    untick_step,
)
from prioritisation.services.decisions import (
    draft_decisions,
    latest_result,
    save_decision,
    save_texts,
    undecided,
)
from prioritisation.services.evidence import (
    change_evidence,
    evidence_of,
    frozen_evidence,
    link_evidence,
    remove_evidence,
)
from prioritisation.services.funnel import count_funnel, idea_outcomes
from prioritisation.services.handing_out import hand_out_staff_file
from prioritisation.services.initiatives import (
    content,
    link_ideas,
    merge_initiative,
    move_initiative,
    record_agreement,
    save_initiative,
    set_aside_initiative,
    split_initiative,
    unlink_ideas,
    work_up,
)
from prioritisation.services.plans import (
    check_publishable,
    publish_round,
    rehearse_publication,
    save_plan,
)
from prioritisation.services.programmes import (
    add_member,
    adopt_policy,
    approve_policy,
    remove_member,
    save_policy,
    save_programme,
)
from prioritisation.services.results import frozen_inputs, make_result, recompute
from prioritisation.services.rounds import (
    SECONDS_AN_INITIATIVE,
    Distribution,
    change_round,
    check_gate,
    close_round,
    distribute,
    open_round,
    prepare_round,
    set_entries,
    set_panel,
)
from prioritisation.services.setup import install_city, install_roles

__all__ = [
    "SECONDS_AN_INITIATIVE",
    "Distribution",
    "StepDraft",
    "add_member",
    "add_steps",
    "adopt_policy",
    "approve_policy",
    "change_evidence",
    "change_round",
    "change_step",
    "check_gate",
    "check_publishable",
    "close_round",
    "content",
    "count_funnel",
    "declare_conflict",
    "distribute",
    "draft_decisions",
    "evidence_of",
    "frozen_evidence",
    "frozen_inputs",
    "hand_in",
    "hand_out_staff_file",
    "has_role",
    "idea_outcomes",
    "install_city",
    "install_roles",
    "is_complete",
    "latest_result",
    "link_evidence",
    "link_ideas",
    "make_result",
    "merge_initiative",
    "move_initiative",
    "open_round",
    "prepare_round",
    "progress",
    "propose_steps",
    "publish_round",
    "recompute",
    "record_agreement",
    "rehearse_publication",
    "remove_evidence",
    "remove_member",
    "remove_step",
    "save_assessment",
    "save_decision",
    "save_initiative",
    "save_plan",
    "save_policy",
    "save_programme",
    "save_score",
    "save_texts",
    "set_aside_initiative",
    "set_entries",
    "set_panel",
    "skip_assignment",
    "split_initiative",
    "tick_step",
    "undecided",
    "unlink_ideas",
    "untick_step",
    "work_up",
]
