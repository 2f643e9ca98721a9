"""The only code of this app that writes: verbs with keyword arguments, one transaction, one event each.

`by` is the member of staff who acts (absent where the sender acts), `at` is the time it happens: the
clock comes in, so that history can be told and tests need no patience.
"""

from engagement.services.calls import record_meeting, save_call
from engagement.services.claims import claim, claim_next, put_back
from engagement.services.contacts import hand_out_contacts, record_contact_view
from engagement.services.delivery import deliver_notices
from engagement.services.erasing import erase_report_sender, erase_sender, everything_of
from engagement.services.errors import Refused, Stale
from engagement.services.heartbeats import beat_heart
from engagement.services.history import PastReport, record_past_reports
from engagement.services.holds import lift_hold, place_hold, refuse_where_held
from engagement.services.ideas import (
    IdeaDraft,
    Place,
    Sender,
    resend_idea,
    submit_idea,
    withdraw_idea,
)
from engagement.services.jobs import (
    ACT_ON_OTHERS,
    Cancelled,
    Clock,
    JobFailed,
    JobFile,
    JobFunction,
    JobKind,
    Tell,
    Told,
    add_kind,
    beat_job,
    cancel_job,
    claim_job,
    do_here,
    fail_job,
    files_for,
    finish_job,
    forget_job_files,
    in_words,
    kind_of,
    kinds,
    lease,
    made_path,
    may_act,
    no_way_back,
    progress_of,
    queue_job,
    release_job,
    retry_job,
    work_off_jobs,
)
from engagement.services.limits import count_attempt, forget_attempts
from engagement.services.notices import claim_notices, mark_failed, mark_sent, queue_notice, retry_notice
from engagement.services.photos import attach_photo, remove_photos
from engagement.services.reference_data import keep_reference
from engagement.services.references import next_reference, next_references
from engagement.services.referrals import answer_referral, may_answer, pass_on_idea
from engagement.services.register import (
    append_register,
    complete_register,
    missing_from_file,
    parse_register,
    read_register,
)
from engagement.services.replay import Replayed, replay_erasures
from engagement.services.reports import (
    ReportDraft,
    close_report,
    reopen_report,
    start_report,
    submit_report,
    withdraw_report,
)
from engagement.services.scheduling import publish_due_ideas, schedule_idea, unschedule_idea
from engagement.services.setup import install_reasons
from engagement.services.splitting import Quotation, split_idea
from engagement.services.staff import add_staff
from engagement.services.supports import (
    TypedIn,
    may_support,
    support_idea,
    take_back_supports,
    type_in_supports,
    voter_key,
    withdraw_support,
)
from engagement.services.transfers import take_as_idea, take_as_report, take_back_idea, take_back_report
from engagement.services.triage import (
    ask_correction,
    decline_idea,
    link_duplicate,
    publish_idea,
    record_outcome,
    reopen_idea,
    unlink_duplicate,
)
from engagement.services.undo import move_to_undo, undo_move

__all__ = [
    "ACT_ON_OTHERS",
    "Cancelled",
    "Clock",
    "IdeaDraft",
    "JobFailed",
    "JobFile",
    "JobFunction",
    "JobKind",
    "PastReport",
    "Place",
    "Quotation",
    "Refused",
    "Replayed",
    "ReportDraft",
    "Sender",
    "Stale",
    "Tell",
    "Told",
    "TypedIn",
    "add_kind",
    "add_staff",
    "answer_referral",
    "append_register",
    "ask_correction",
    "attach_photo",
    "beat_heart",
    "beat_job",
    "cancel_job",
    "claim",
    "claim_job",
    "claim_next",
    "claim_notices",
    "close_report",
    "complete_register",
    "count_attempt",
    "decline_idea",
    "deliver_notices",
    "do_here",
    "erase_report_sender",
    "erase_sender",
    "everything_of",
    "fail_job",
    "files_for",
    "finish_job",
    "forget_attempts",
    "forget_job_files",
    "hand_out_contacts",
    "in_words",
    "install_reasons",
    "keep_reference",
    "kind_of",
    "kinds",
    "lease",
    "lift_hold",
    "link_duplicate",
    "made_path",
    "mark_failed",
    "mark_sent",
    "may_act",
    "may_answer",
    "may_support",
    "missing_from_file",
    "move_to_undo",
    "next_reference",
    "next_references",
    "no_way_back",
    "parse_register",
    "pass_on_idea",
    "place_hold",
    "progress_of",
    "publish_due_ideas",
    "publish_idea",
    "put_back",
    "queue_job",
    "queue_notice",
    "read_register",
    "record_contact_view",
    "record_meeting",
    "record_outcome",
    "record_past_reports",
    "refuse_where_held",
    "release_job",
    "remove_photos",
    "reopen_idea",
    "reopen_report",
    "replay_erasures",
    "resend_idea",
    "retry_job",
    "retry_notice",
    "save_call",
    "schedule_idea",
    "split_idea",
    "start_report",
    "submit_idea",
    "submit_report",
    "support_idea",
    "take_as_idea",
    "take_as_report",
    "take_back_idea",
    "take_back_report",
    "take_back_supports",
    "type_in_supports",
    "undo_move",
    "unlink_duplicate",
    "unschedule_idea",
    "voter_key",
    "withdraw_idea",
    "withdraw_report",
    "withdraw_support",
    "work_off_jobs",
]
