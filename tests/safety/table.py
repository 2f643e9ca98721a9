"""Who may open which address: the table that tests/safety/test_matrix.py holds every page to.

A new page needs a line here. `GET` and `POST` say apart who is let in; in both a name may stand for several
(`admin:*_delete`), and an exact name goes before such a pattern. What no line of `POST` names takes no POST
from anybody: it is refused (403, 404, 405 or the sign-in page).

Of a programme's pages (`SCOPED`) people in the same role in another programme are refused.
"""

EVERYBODY = "everybody"
STAFF = "whoever signs in"
NOBODY = "nobody"

INTAKE = "moderator, intake clerk, programme manager, publisher, analyst, administrator"
FUNNEL = "programme manager, publisher, analyst, administrator"
MANAGERS = "programme manager, administrator"
TRIAGE = "moderator, programme manager, administrator"
RULES = "programme manager, analyst, administrator"
TYPING = "intake clerk, programme manager, administrator"

GET: dict[str, str] = {
    NOBODY: """
        admin:*_delete admin:*_put_back admin:*_take admin:*_undo
        admin:engagement_*_next admin:engagement_idea_add admin:engagement_report_add
        admin:engagement_retentionrule_add admin:engagement_removal_add
        admin:engagement_job_add admin:engagement_job_again admin:engagement_job_cancel
        admin:engagement_archivefile_add admin:engagement_referral_add admin:engagement_appeal_add
        admin:engagement_note_add admin:engagement_abusereport_add engagement:idea_note
        admin:engagement_job_file admin:engagement_notice_add admin:engagement_notice_again
        admin:prioritisation_initiative_add admin:prioritisation_policyversion_add
        admin:prioritisation_round_add admin:prioritisation_assess_conflict
        admin:prioritisation_opinion
        admin:prioritisation_decisions_draft
        admin:prioritisation_scenario_analyse admin:prioritisation_scenario_remove
        admin:autocomplete admin:view_on_site dev_mail_detail engagement:idea_support engagement:idea_similar
        engagement:follow engagement:report_me_too admin:engagement_routingrule_move
    """,
    EVERYBODY: """
        home about privacy accessibility city_css favicon healthz healthz_web dev_mail
        api-* open311:* engagement:* prioritisation:initiative_detail prioritisation:plan_*
        prioritisation:draws prioritisation:understood admin:login
    """,
    "a resident, an inactive account, an account that is not staff": "admin:logout",
    STAFF: """
        admin:index admin:jsi18n admin:password_change admin:password_change_done
        admin:engagement_job_changelist admin:prioritisation_assess admin:prioritisation_facts
        admin:prioritisation_delivery
    """,
    f"department, {INTAKE}": """
        admin:app_list admin:engagement_report_change* admin:engagement_report_history
    """,
    "department, moderator, administrator": "admin:engagement_report_do",
    INTAKE: """
        admin:engagement_call_change* admin:engagement_call_history
        admin:engagement_district_change* admin:engagement_district_history
        admin:engagement_idea_change* admin:engagement_idea_history
        admin:engagement_meeting_change* admin:engagement_meeting_history
        admin:engagement_theme_change* admin:engagement_theme_history
    """,
    TRIAGE: """
        admin:engagement_idea_photo admin:engagement_idea_photo_drawn admin:engagement_idea_translation
        admin:engagement_meeting_photo admin:engagement_meeting_photo_drawn
        admin:engagement_idea_copies admin:engagement_idea_copies_group
        admin:engagement_idea_do admin:engagement_notice_change*  admin:engagement_notice_history
        admin:engagement_appeal_change* admin:engagement_appeal_history admin:engagement_appeal_decide
        admin:engagement_note_do admin:engagement_note_change* admin:engagement_note_history
        admin:engagement_abusereport_change* admin:engagement_abusereport_history
        admin:engagement_abusereport_handle
    """,
    TYPING: """
        admin:engagement_idea_import admin:engagement_idea_type_in admin:engagement_idea_paper
        admin:engagement_job_change admin:engagement_job_history admin:engagement_job_progress
    """,
    "department, moderator, programme manager, administrator": """
        admin:engagement_referral_change* admin:engagement_referral_history admin:engagement_referral_answer
    """,
    "moderator, administrator": """
        admin:engagement_idea_contact admin:engagement_report_contact
        admin:engagement_report_photo admin:engagement_report_photo_drawn
    """,
    MANAGERS: """
        admin:engagement_call_add admin:engagement_meeting_add admin:engagement_meeting_kit
        admin:engagement_district_add admin:engagement_theme_add
        admin:engagement_department_[!d]* admin:engagement_reason_[!d]* admin:engagement_reportservice_[!d]*
        admin:engagement_holiday_[!d]* admin:engagement_routingrule_[!dm]*
        admin:prioritisation_initiative_start admin:prioritisation_initiative_edit
        admin:prioritisation_initiative_do
        admin:prioritisation_policyversion_import admin:prioritisation_policyversion_preset*
        admin:prioritisation_policyversion_approve admin:prioritisation_policyversion_copy
        admin:prioritisation_policyversion_edit
        admin:prioritisation_programme_add admin:prioritisation_programme_edit
        admin:prioritisation_programme_members admin:prioritisation_programme_checklist
        admin:prioritisation_programme_step admin:prioritisation_programme_tick
        admin:prioritisation_decision admin:prioritisation_initiative_evidence
        admin:prioritisation_scenario_rules admin:prioritisation_scenario_adopt
        admin:prioritisation_scenario_lock
        admin:prioritisation_programme_budget admin:prioritisation_initiative_relations
        admin:prioritisation_round_prepare admin:prioritisation_round_edit admin:prioritisation_round_open
        admin:prioritisation_round_close admin:prioritisation_round_gate admin:prioritisation_clarify
        admin:prioritisation_adopt admin:prioritisation_strike
        admin:prioritisation_round_panel
        admin:prioritisation_round_assignments
        admin:prioritisation_round_top_up
    """,
    RULES: """
        admin:engagement_archivefile_change* admin:engagement_archivefile_history
        admin:engagement_archivefile_import admin:engagement_archivefile_remove
        admin:engagement_idea_export admin:engagement_report_export
        admin:prioritisation_policyversion_change* admin:prioritisation_policyversion_history
        admin:prioritisation_policyversion_export admin:prioritisation_policyversion_preview
    """,
    FUNNEL: """
        admin:prioritisation_initiative_change* admin:prioritisation_initiative_history
        admin:prioritisation_programme_change admin:prioritisation_programme_changelist
        admin:prioritisation_programme_history
        admin:prioritisation_ballots admin:prioritisation_ballot_file admin:prioritisation_ballots_result
        admin:prioritisation_round_change* admin:prioritisation_round_history
        admin:prioritisation_round_gates admin:prioritisation_decisions
        admin:prioritisation_ranked admin:prioritisation_ranking admin:prioritisation_method
        admin:prioritisation_ranking_file admin:prioritisation_compare admin:prioritisation_what_if
        admin:prioritisation_results admin:prioritisation_result
        admin:prioritisation_publish admin:prioritisation_published
        admin:prioritisation_disagreements admin:prioritisation_disagreement
        admin:prioritisation_lots admin:prioritisation_amendment
        admin:prioritisation_sittings admin:prioritisation_sitting
        admin:prioritisation_portfolio admin:prioritisation_scenario admin:prioritisation_portfolio_result
        prioritisation:staff_export
    """,
    "department": "admin:prioritisation_replies admin:prioritisation_reply admin:prioritisation_fact",
    f"department, {MANAGERS}": "admin:prioritisation_delivery_one admin:prioritisation_delivery_step",
    "assessor": "admin:prioritisation_assess_one admin:prioritisation_assess_criterion",
    f"assessor, {MANAGERS}": "admin:prioritisation_calibration admin:prioritisation_calibration_one",
    "administrator": """
        admin:auth_group_[!d]* admin:auth_user_password_change admin:engagement_user_[!d]*
        admin:engagement_idea_hold admin:engagement_report_hold
        admin:engagement_retentionrule_change* admin:engagement_retentionrule_history
        admin:engagement_removal_change* admin:engagement_removal_history
    """,
}

POST: dict[str, str] = {
    EVERYBODY: """
        engagement:idea_new engagement:idea_similar engagement:report_new engagement:tracking_login
        engagement:call_list engagement:tracking_correct engagement:tracking_appeal
        engagement:tracking_withdraw engagement:tracking_erase
        engagement:report_start engagement:report_me_too engagement:tracking_fixed
        engagement:idea_support engagement:idea_note engagement:idea_abuse engagement:note_abuse
        engagement:kit engagement:mine engagement:mine_erase engagement:wish
        engagement:stop engagement:follow engagement:address prioritisation:understood
        admin:login admin:logout
    """,
    STAFF: """
        admin:index admin:password_change admin:engagement_job_changelist
    """,
    f"department, {INTAKE}": """
        admin:app_list admin:engagement_report_changelist admin:engagement_report_history
        admin:engagement_report_undo
    """,
    "department, moderator, administrator": """
        admin:engagement_report_do
        admin:engagement_report_next admin:engagement_report_put_back admin:engagement_report_take
    """,
    INTAKE: """
        admin:*_undo
        admin:engagement_call_changelist admin:engagement_call_history
        admin:engagement_district_changelist admin:engagement_district_history
        admin:engagement_idea_changelist admin:engagement_idea_history
        admin:engagement_meeting_changelist admin:engagement_meeting_history
        admin:engagement_theme_changelist admin:engagement_theme_history
    """,
    TRIAGE: """
        admin:engagement_idea_photo admin:engagement_idea_translation admin:engagement_meeting_photo
        admin:engagement_idea_copies admin:engagement_idea_copies_group
        admin:engagement_idea_do admin:engagement_idea_next admin:engagement_idea_put_back
        admin:engagement_idea_take admin:engagement_notice_changelist admin:engagement_notice_history
        admin:engagement_appeal_changelist admin:engagement_appeal_history admin:engagement_appeal_decide
        admin:engagement_note_do admin:engagement_note_changelist admin:engagement_note_history
        admin:engagement_abusereport_changelist admin:engagement_abusereport_history
        admin:engagement_abusereport_handle
    """,
    TYPING: """
        admin:engagement_idea_import admin:engagement_idea_type_in admin:engagement_idea_paper
        admin:engagement_job_history admin:engagement_job_progress
    """,
    "department, moderator, programme manager, administrator": """
        admin:engagement_referral_change* admin:engagement_referral_history admin:engagement_referral_answer
    """,
    "moderator, administrator": """
        admin:engagement_idea_contact admin:engagement_report_contact
        admin:engagement_report_photo
    """,
    MANAGERS: """
        admin:prioritisation_sittings admin:prioritisation_sitting
        admin:engagement_call_add admin:engagement_call_change
        admin:engagement_meeting_add admin:engagement_meeting_change admin:engagement_meeting_kit
        admin:engagement_district_add admin:engagement_district_change
        admin:engagement_theme_add admin:engagement_theme_change
        admin:engagement_department_[!d]* admin:engagement_reason_[!d]* admin:engagement_reportservice_[!d]*
        admin:engagement_holiday_[!d]* admin:engagement_routingrule_[!d]*
        admin:prioritisation_initiative_start admin:prioritisation_initiative_edit
        admin:prioritisation_initiative_do
        admin:prioritisation_policyversion_import admin:prioritisation_policyversion_preset*
        admin:prioritisation_policyversion_approve admin:prioritisation_policyversion_copy
        admin:prioritisation_policyversion_edit
        admin:prioritisation_programme_add admin:prioritisation_programme_edit
        admin:prioritisation_programme_members admin:prioritisation_programme_checklist
        admin:prioritisation_programme_step admin:prioritisation_programme_tick
        admin:prioritisation_round_prepare admin:prioritisation_round_edit admin:prioritisation_round_open
        admin:prioritisation_round_close admin:prioritisation_round_gate admin:prioritisation_clarify
        admin:prioritisation_adopt admin:prioritisation_strike
        admin:prioritisation_disagreements admin:prioritisation_disagreement admin:prioritisation_opinion
        admin:prioritisation_round_panel admin:prioritisation_round_top_up
        admin:prioritisation_ballots admin:prioritisation_ballot_file
        admin:prioritisation_decision admin:prioritisation_decisions admin:prioritisation_decisions_draft
        admin:prioritisation_lots admin:prioritisation_amendment
        admin:prioritisation_portfolio admin:prioritisation_scenario admin:prioritisation_scenario_rules
        admin:prioritisation_scenario_adopt admin:prioritisation_scenario_lock
        admin:prioritisation_scenario_remove admin:prioritisation_programme_budget
        admin:prioritisation_initiative_relations
        admin:prioritisation_initiative_evidence
    """,
    RULES: """
        admin:prioritisation_scenario_analyse
        admin:engagement_archivefile_change* admin:engagement_archivefile_history
        admin:engagement_archivefile_import admin:engagement_archivefile_remove
        admin:engagement_idea_export admin:engagement_report_export
        admin:prioritisation_policyversion_changelist admin:prioritisation_policyversion_history
        admin:prioritisation_policyversion_export admin:prioritisation_policyversion_preview
    """,
    FUNNEL: """
        admin:prioritisation_initiative_changelist admin:prioritisation_initiative_history
        admin:prioritisation_programme_changelist admin:prioritisation_programme_history
        admin:prioritisation_round_changelist admin:prioritisation_round_history
        admin:prioritisation_round_gates prioritisation:staff_export
        admin:prioritisation_publish
    """,
    "department": "admin:prioritisation_reply admin:prioritisation_fact",
    f"department, {MANAGERS}": "admin:prioritisation_delivery_step admin:prioritisation_delivery_undo",
    "assessor": """
        admin:prioritisation_assess_one admin:prioritisation_assess_criterion
        admin:prioritisation_assess_conflict
    """,
    "administrator": """
        admin:auth_group_[!d]* admin:auth_user_password_change admin:engagement_user_[!d]*
        admin:engagement_idea_hold admin:engagement_report_hold
        admin:engagement_job_again admin:engagement_job_cancel admin:engagement_notice_again
        admin:engagement_retentionrule_change* admin:engagement_retentionrule_history
        admin:engagement_removal_changelist admin:engagement_removal_history
    """,
    NOBODY: """
        admin:*_delete admin:engagement_archivefile_change admin:engagement_referral_change
    """,
}

SCOPED = ("admin:prioritisation_", "prioritisation:staff_export")
"""Addresses with an object of a programme: those whose name begins so and that take a record."""
BY_THEIR_QUERY = ("admin:prioritisation_round_prepare",)
NOT_OF_A_PROGRAMME = ("admin:prioritisation_policyversion_preset",)
