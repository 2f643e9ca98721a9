"""All tables at once, for a new city: the steps that this replaces stay for those that were there before."""

import django.core.validators
import django.db.models.deletion
import engagement.localized
import prioritisation.workflow
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("prioritisation", "0001_initial"),
        ("prioritisation", "0002_gate_checks"),
        ("prioritisation", "0003_checklist_and_evidence"),
        ("prioritisation", "0004_checklist_keys"),
        ("prioritisation", "0005_evidence_removed"),
        ("prioritisation", "0006_assessment_that_can_be_defended"),
        ("prioritisation", "0007_reasons_of_findings_and_cancelled_draws"),
        ("prioritisation", "0008_first_scores_and_clarified_anchors"),
        ("prioritisation", "0009_second_person_approves_rules"),
        ("prioritisation", "0010_did_we_understand_you"),
        ("prioritisation", "0011_draws_called_off_after_drawing"),
        ("prioritisation", "0012_reasons_against_the_ranking_in_each_language"),
        ("prioritisation", "0013_earlier_writers"),
    ]

    initial = True

    dependencies = [
        ("engagement", "0001_made_at_once"),
        ("engagement", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Programme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(unique=True, verbose_name="short name in addresses")),
                (
                    "title",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="title"),
                ),
                (
                    "intro",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="what it is for"
                    ),
                ),
                (
                    "body",
                    engagement.localized.LocalizedTextField(
                        blank=True,
                        default=dict,
                        help_text="The body in whose name decisions are published.",
                        verbose_name="who decides",
                    ),
                ),
                (
                    "places",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="The line in the ranking, e.g. 70.",
                        null=True,
                        verbose_name="how many are to be chosen",
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "second_person",
                    models.BooleanField(
                        default=True,
                        help_text="Off, whoever prepared the decisions may publish them, and the plan says so.",
                        verbose_name="a second person publishes",
                    ),
                ),
                (
                    "second_approver",
                    models.BooleanField(
                        default=False,
                        help_text="On, nobody approves rules that they wrote or changed themselves.",
                        verbose_name="a second person approves the scoring rules",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="made")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "calls",
                    models.ManyToManyField(
                        blank=True,
                        related_name="programmes",
                        to="engagement.call",
                        verbose_name="invitations",
                    ),
                ),
            ],
            options={
                "verbose_name": "programme",
                "verbose_name_plural": "programmes",
                "ordering": ["-created_at"],
                "permissions": [("manage_programme", "Can make programmes and run them")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("starts_on__isnull", True),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="programme_ends_after_it_starts",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(unique=True, verbose_name="short name in addresses")),
                (
                    "title",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="title"),
                ),
                (
                    "intro",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="introduction"
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="made")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "programme",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan",
                        to="prioritisation.programme",
                        verbose_name="programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "plan",
                "verbose_name_plural": "plans",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="DecisionMeeting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "body",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="body"),
                ),
                ("held_on", models.DateField(verbose_name="date")),
                ("resolution", models.CharField(blank=True, max_length=100, verbose_name="resolution")),
                ("present", models.TextField(blank=True, verbose_name="present")),
                (
                    "stood_aside",
                    models.TextField(
                        blank=True,
                        help_text="Who took no part in which decision, and why.",
                        verbose_name="stood aside",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "earlier_writers",
                    models.ManyToManyField(blank=True, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decision_meetings",
                        to="prioritisation.programme",
                        verbose_name="programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "sitting",
                "verbose_name_plural": "sittings",
                "ordering": ["-held_on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("document", models.JSONField(verbose_name="rules")),
                ("sha256", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="taken from")),
                ("created_at", models.DateTimeField(verbose_name="made")),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="policy_versions",
                        to="prioritisation.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "scoring rules",
                "verbose_name_plural": "scoring rules",
                "ordering": ["programme", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "number"), name="one_policy_a_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                            models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="policy_approved_at_and_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            (prioritisation.workflow.Role["MANAGER"], "programme manager"),
                            (prioritisation.workflow.Role["ASSESSOR"], "assessor"),
                            (prioritisation.workflow.Role["PUBLISHER"], "publisher"),
                            (prioritisation.workflow.Role["ANALYST"], "analyst"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="prioritisation.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
                "ordering": ["programme", "role", "user"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "user", "role"), name="one_membership_a_role"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ChecklistItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.SlugField(
                        blank=True,
                        help_text="Which facts stand beside it; empty for an own step.",
                        verbose_name="standard step",
                    ),
                ),
                (
                    "label",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="what is to be done"
                    ),
                ),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="by")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="checklist",
                        to="prioritisation.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of the checklist",
                "verbose_name_plural": "checklist",
                "ordering": ["programme", "order", "due_on", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", True), ("done_by__isnull", True)),
                            models.Q(("done_at__isnull", False), ("done_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="checklist_done_at_and_by",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Capacity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "initiatives",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="initiatives at most"),
                ),
                (
                    "effort",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="points of effort at most"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="engagement.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="capacities",
                        to="prioritisation.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "capacity of a department",
                "verbose_name_plural": "capacities of departments",
                "ordering": ["programme", "department"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "department"), name="one_capacity_a_department"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "label",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="name"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("capital", "capital"), ("operating", "operating, a year")],
                        default="capital",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="year")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="amount",
                    ),
                ),
                (
                    "reserve",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="For what cannot be foreseen yet.",
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="kept back, %",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="budget_lines",
                        to="prioritisation.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "budget line",
                "verbose_name_plural": "budget lines",
                "ordering": ["programme", "year", "kind", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0)), name="budget_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reserve__lte", 100)), name="budget_reserve_within_100"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("document", models.JSONField(verbose_name="document")),
                ("sha256", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("published_at", models.DateTimeField(verbose_name="published")),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="prioritisation.plan",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "published version",
                "verbose_name_plural": "published versions",
                "ordering": ["plan", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "number"), name="one_plan_version_a_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                (
                    "title",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="title"),
                ),
                (
                    "stage",
                    models.SlugField(
                        help_text="The stage of the funnel that this round decides.", verbose_name="stage"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("preparing", "being prepared"),
                            ("open", "open"),
                            ("closed", "closed"),
                            ("decided", "decided"),
                        ],
                        default=prioritisation.workflow.RoundState["PREPARING"],
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                (
                    "per_initiative",
                    models.PositiveSmallIntegerField(default=3, verbose_name="assessors an initiative"),
                ),
                (
                    "top_up",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="How many more read the half of the initiatives that lies nearest the line.",
                        verbose_name="more assessors near the line",
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("off", "not looked at"),
                            ("beside", "shown beside the ranking"),
                            ("used", "used in the ranking"),
                        ],
                        default="beside",
                        max_length=10,
                        verbose_name="strict and lenient assessors",
                    ),
                ),
                (
                    "severity_reason",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="why it is used in the ranking"
                    ),
                ),
                (
                    "disclosure",
                    models.CharField(
                        choices=[
                            ("sums", "means and spreads of each criterion"),
                            ("scores", "every score, under letters drawn for this round"),
                        ],
                        default="sums",
                        max_length=10,
                        verbose_name="figures to be published",
                    ),
                ),
                ("places", models.PositiveIntegerField(blank=True, null=True, verbose_name="places")),
                ("seed", models.PositiveBigIntegerField(verbose_name="seed")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")),
                ("created_at", models.DateTimeField(verbose_name="made")),
                ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="opened")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "policy_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="prioritisation.policyversion",
                        verbose_name="scoring rules",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rounds",
                        to="prioritisation.programme",
                        verbose_name="programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "round",
                "verbose_name_plural": "rounds",
                "ordering": ["programme", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "number"), name="one_round_a_number"),
                    models.CheckConstraint(
                        condition=models.Q(("per_initiative__gte", 1)), name="round_has_assessors"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("severity", "used"), _negated=True),
                            models.Q(("severity_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="round_severity_used_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("salt", models.CharField(blank=True, max_length=32)),
                ("digest", models.CharField(max_length=64)),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="engagement.idea"
                    ),
                ),
                (
                    "plan_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="prioritisation.planversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "digest of a text in a plan",
                "verbose_name_plural": "digests of texts in plans",
                "constraints": [
                    models.UniqueConstraint(fields=("plan_version", "idea"), name="one_text_a_plan_version")
                ],
            },
        ),
        migrations.CreateModel(
            name="Amendment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("changes", models.JSONField(default=list, verbose_name="changes")),
                ("vote", models.CharField(blank=True, max_length=200, verbose_name="vote")),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("adopted_at", models.DateTimeField(blank=True, null=True, verbose_name="adopted")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "adopted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "earlier_writers",
                    models.ManyToManyField(blank=True, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="prioritisation.decisionmeeting",
                        verbose_name="sitting",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="prioritisation.plan",
                    ),
                ),
                (
                    "base",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="prioritisation.planversion",
                    ),
                ),
                (
                    "published",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendment",
                        to="prioritisation.planversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "amendment",
                "verbose_name_plural": "amendments",
                "ordering": ["plan", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("adopted_at__isnull", True),
                                ("adopted_by__isnull", True),
                                ("published__isnull", True),
                            ),
                            models.Q(
                                ("adopted_at__isnull", False),
                                ("adopted_by__isnull", False),
                                ("published__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="amendment_adopted_at_by_and_published",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Result",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ranking", "ranking"),
                            ("portfolio", "portfolio"),
                            ("ballots", "residents’ ballots"),
                        ],
                        default="ranking",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("inputs", models.JSONField(verbose_name="inputs")),
                ("inputs_sha256", models.CharField(max_length=64, verbose_name="fingerprint of the inputs")),
                ("seed", models.PositiveBigIntegerField(verbose_name="seed")),
                ("code_version", models.CharField(max_length=40, verbose_name="version of Winnow")),
                (
                    "numpy_version",
                    models.CharField(
                        blank=True,
                        help_text="Random draws are the same under the same one.",
                        max_length=20,
                        verbose_name="version of numpy",
                    ),
                ),
                ("output", models.JSONField(verbose_name="output")),
                ("made_at", models.DateTimeField(verbose_name="made")),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="prioritisation.result",
                    ),
                ),
                (
                    "policy_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="prioritisation.policyversion",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="prioritisation.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "result",
                "verbose_name_plural": "results",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="PanelMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("capacity", models.PositiveIntegerField(blank=True, null=True, verbose_name="at most")),
                (
                    "team",
                    models.SlugField(
                        blank=True,
                        help_text="Whose criteria are asked; empty: those of no team.",
                        verbose_name="team",
                    ),
                ),
                (
                    "letter",
                    models.CharField(
                        blank=True,
                        help_text="Drawn at opening, kept by nobody but this row.",
                        max_length=3,
                        verbose_name="letter",
                    ),
                ),
                ("reminded_at", models.DateTimeField(blank=True, null=True, verbose_name="reminded")),
                ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="left the panel")),
                ("left_reason", models.CharField(blank=True, max_length=300, verbose_name="why")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="panels",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="panel",
                        to="prioritisation.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "panel member",
                "verbose_name_plural": "panel members",
                "ordering": ["round", "user"],
                "constraints": [models.UniqueConstraint(fields=("round", "user"), name="one_seat_a_round")],
            },
        ),
        migrations.CreateModel(
            name="Draw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "among",
                    models.JSONField(
                        help_text="References of the initiatives, in their order.", verbose_name="among"
                    ),
                ),
                ("places", models.PositiveIntegerField(verbose_name="places")),
                (
                    "seed_rule",
                    engagement.localized.LocalizedTextField(
                        blank=True,
                        default=dict,
                        help_text="A number that nobody can choose, such as the lottery of a named day to come.",
                        verbose_name="where the seed comes from",
                    ),
                ),
                ("seed", models.CharField(blank=True, max_length=200, verbose_name="seed")),
                ("announced_at", models.DateTimeField(verbose_name="announced")),
                ("drawn_at", models.DateTimeField(blank=True, null=True, verbose_name="drawn")),
                ("order", models.JSONField(blank=True, default=list, verbose_name="order drawn")),
                ("cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="cancelled")),
                (
                    "cancel_reason",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="why it was cancelled"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "announced_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "drawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draws",
                        to="prioritisation.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "draw by lot",
                "verbose_name_plural": "draws by lot",
                "ordering": ["round", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("drawn_at__isnull", True), ("drawn_by__isnull", True)),
                            models.Q(("drawn_at__isnull", False), ("drawn_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="draw_drawn_at_and_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cancelled_at__isnull", True), ("cancelled_by__isnull", True)),
                            models.Q(("cancelled_at__isnull", False), ("cancelled_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="draw_cancelled_at_and_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Clarification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("criterion", models.SlugField(verbose_name="criterion")),
                ("level", models.FloatField(verbose_name="level")),
                (
                    "before",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="as it was"
                    ),
                ),
                (
                    "after",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="as it is"
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="why")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "policy_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="prioritisation.policyversion",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clarifications",
                        to="prioritisation.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "clarified anchor",
                "verbose_name_plural": "clarified anchors",
                "ordering": ["round", "at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="clarification_has_a_reason"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BallotFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255, verbose_name="name of the file")),
                ("sha256", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("content", models.JSONField(verbose_name="content")),
                ("voters", models.PositiveIntegerField(verbose_name="voters")),
                ("refused", models.PositiveIntegerField(default=0, verbose_name="refused ballots")),
                ("made_at", models.DateTimeField(verbose_name="read")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ballot_files",
                        to="prioritisation.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of ballots",
                "verbose_name_plural": "files of ballots",
                "ordering": ["round", "-pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("round", "sha256"), name="one_ballot_file_a_round")
                ],
            },
        ),
        migrations.CreateModel(
            name="Scenario",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("rules", models.JSONField(default=dict, verbose_name="rules")),
                ("selection", models.JSONField(default=list, verbose_name="own selection")),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("changed_at", models.DateTimeField(verbose_name="last change")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "result",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scenario",
                        to="prioritisation.result",
                        verbose_name="result",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scenarios",
                        to="prioritisation.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "scenario",
                "verbose_name_plural": "scenarios",
                "ordering": ["round", "-changed_at"],
                "constraints": [
                    models.UniqueConstraint(fields=("round", "name"), name="one_scenario_a_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="Initiative",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=20, unique=True, verbose_name="reference")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("ready", "ready for assessment"),
                            ("chosen", "chosen"),
                            ("set_aside", "set aside"),
                            ("merged", "merged into another"),
                        ],
                        default=prioritisation.workflow.InitiativeState["DRAFT"],
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                (
                    "title",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="title"),
                ),
                (
                    "need",
                    engagement.localized.LocalizedTextField(
                        blank=True,
                        default=dict,
                        help_text="The problem in one sentence.",
                        verbose_name="need",
                    ),
                ),
                (
                    "need_of",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="whose need it is"
                    ),
                ),
                (
                    "need_evidence",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="what shows the need"
                    ),
                ),
                (
                    "summary",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="what would be done"
                    ),
                ),
                (
                    "who_gains",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="who gains"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("service", "service"),
                            ("pilot", "pilot"),
                            ("rule", "policy or by-law"),
                            ("project", "project"),
                        ],
                        default="project",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("whole_city", models.BooleanField(default=False, verbose_name="the whole city")),
                ("owner_agreed_at", models.DateTimeField(blank=True, null=True, verbose_name="owner agreed")),
                (
                    "owner_agreement",
                    models.CharField(
                        blank=True,
                        help_text="Who said so, when, in which letter.",
                        max_length=300,
                        verbose_name="how the owner agreed",
                    ),
                ),
                ("champion", models.CharField(blank=True, max_length=200, verbose_name="champion")),
                (
                    "timeframe_months",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="months to carry out"
                    ),
                ),
                (
                    "effort",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="effort, 1 to 5",
                    ),
                ),
                (
                    "risk",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(5)],
                        verbose_name="risk, 0 to 5",
                    ),
                ),
                ("quick_win", models.BooleanField(default=False, verbose_name="quick win")),
                ("foundational", models.BooleanField(default=False, verbose_name="others build on it")),
                ("created_at", models.DateTimeField(verbose_name="made")),
                ("changed_at", models.DateTimeField(verbose_name="last change")),
                ("search", models.TextField(blank=True, editable=False)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "districts",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="engagement.district", verbose_name="districts"
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged_from",
                        to="prioritisation.initiative",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="initiatives",
                        to="engagement.department",
                        verbose_name="owner department",
                    ),
                ),
                (
                    "owner_agreed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="initiatives",
                        to="prioritisation.programme",
                        verbose_name="programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "initiative",
                "verbose_name_plural": "initiatives",
                "ordering": ["reference"],
                "permissions": [("work_up_initiative", "Can work up initiatives")],
                "indexes": [
                    models.Index(fields=["programme", "state", "reference"], name="initiative_by_state")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("effort__isnull", True), ("effort__range", (1, 5)), _connector="OR"
                        ),
                        name="initiative_effort_1_to_5",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("risk__isnull", True), ("risk__range", (0, 5)), _connector="OR"),
                        name="initiative_risk_0_to_5",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("merged_into__isnull", False), ("state", "merged")),
                            models.Q(
                                models.Q(("state", "merged"), _negated=True), ("merged_into__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="initiative_merged_names_into_what",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdeaLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("linked_at", models.DateTimeField(verbose_name="linked")),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="initiative_links",
                        to="engagement.idea",
                    ),
                ),
                (
                    "linked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="idea_links",
                        to="prioritisation.initiative",
                    ),
                ),
            ],
            options={
                "verbose_name": "idea in an initiative",
                "verbose_name_plural": "ideas in initiatives",
                "constraints": [
                    models.UniqueConstraint(fields=("idea", "initiative"), name="one_link_an_idea")
                ],
            },
        ),
        migrations.CreateModel(
            name="EvidenceLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("services", models.JSONField(default=list, verbose_name="report services")),
                ("from_date", models.DateField(verbose_name="from")),
                ("to_date", models.DateField(verbose_name="to")),
                (
                    "note",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="what it shows"
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="removed")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence_links",
                        to="prioritisation.initiative",
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence from problem reports",
                "verbose_name_plural": "evidence from problem reports",
                "ordering": ["initiative", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("to_date__gte", models.F("from_date"))),
                        name="evidence_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removed_at__isnull", True), ("removed_by__isnull", True)),
                            models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="evidence_removed_at_and_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CostLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "label",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="what for"
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="amount",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("capital", "capital"), ("operating", "operating, a year")],
                        default="capital",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="year")),
                (
                    "funding",
                    models.CharField(
                        choices=[("secured", "secured"), ("sought", "sought"), ("none", "none yet")],
                        default="none",
                        max_length=10,
                        verbose_name="funding",
                    ),
                ),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cost_lines",
                        to="prioritisation.initiative",
                    ),
                ),
            ],
            options={
                "verbose_name": "cost line",
                "verbose_name_plural": "cost lines",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="cost_not_negative")
                ],
            },
        ),
        migrations.CreateModel(
            name="InitiativeRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("content", models.JSONField(verbose_name="content")),
                ("made_at", models.DateTimeField(verbose_name="made")),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="prioritisation.initiative",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "wording of an initiative",
                "verbose_name_plural": "wordings of initiatives",
                "ordering": ["initiative", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("initiative", "number"), name="one_wording_a_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="Relation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("requires", "requires"), ("excludes", "excludes")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="made")),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="relations",
                        to="prioritisation.initiative",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="related_from",
                        to="prioritisation.initiative",
                        verbose_name="other initiative",
                    ),
                ),
            ],
            options={
                "verbose_name": "relation of initiatives",
                "verbose_name_plural": "relations of initiatives",
                "ordering": ["initiative", "kind", "other"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("initiative", "kind", "other"), name="one_relation_a_pair"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("initiative", models.F("other")), _negated=True),
                        name="relation_of_two_initiatives",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                ("verb", models.CharField(max_length=40, verbose_name="what")),
                ("from_state", models.CharField(blank=True, max_length=20, verbose_name="from")),
                ("to_state", models.CharField(blank=True, max_length=20, verbose_name="to")),
                ("reason", models.CharField(blank=True, max_length=50, verbose_name="reason")),
                (
                    "text",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="public text"
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="internal note")),
                ("public", models.BooleanField(default=False, verbose_name="public")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "initiative",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="prioritisation.initiative",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="prioritisation.plan",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="prioritisation.programme",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="prioritisation.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "ordering": ["at", "pk"],
                "indexes": [models.Index(fields=["initiative", "at"], name="event_by_initiative")],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            (prioritisation.workflow.Outcome["ADVANCE"], "goes on"),
                            (prioritisation.workflow.Outcome["HOLD"], "held over"),
                            (prioritisation.workflow.Outcome["SET_ASIDE"], "set aside"),
                            (prioritisation.workflow.Outcome["MERGE"], "merged"),
                        ],
                        max_length=20,
                        verbose_name="outcome",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=50, verbose_name="reason")),
                (
                    "text",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="public text"
                    ),
                ),
                ("rank", models.PositiveIntegerField(blank=True, null=True, verbose_name="rank")),
                (
                    "override_reason",
                    engagement.localized.LocalizedTextField(
                        blank=True,
                        default=dict,
                        help_text="Needed when the ranking says otherwise.",
                        verbose_name="why against the ranking",
                    ),
                ),
                ("stood_aside", models.CharField(blank=True, max_length=500, verbose_name="stood aside")),
                (
                    "reply",
                    engagement.localized.LocalizedTextField(
                        blank=True,
                        default=dict,
                        help_text="At most 1,000 characters; printed beside the decision.",
                        verbose_name="the department’s reply",
                    ),
                ),
                ("reply_at", models.DateTimeField(blank=True, null=True, verbose_name="replied")),
                ("prepared_at", models.DateTimeField(verbose_name="prepared")),
                ("checked_at", models.DateTimeField(blank=True, null=True, verbose_name="looked through")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "checked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "earlier_writers",
                    models.ManyToManyField(blank=True, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reply_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="prioritisation.decisionmeeting",
                        verbose_name="sitting",
                    ),
                ),
                (
                    "draw",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="prioritisation.draw",
                        verbose_name="draw by lot",
                    ),
                ),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="prioritisation.initiative",
                        verbose_name="initiative",
                    ),
                ),
                (
                    "merge_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="prioritisation.initiative",
                        verbose_name="into",
                    ),
                ),
                (
                    "result",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="prioritisation.result",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="prioritisation.round",
                        verbose_name="round",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision",
                "verbose_name_plural": "decisions",
                "ordering": ["round", "rank", "initiative"],
                "permissions": [("publish_decision", "Can publish decisions and plans")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("round__isnull", False)),
                        fields=("round", "initiative"),
                        name="one_decision_a_round",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", True), ("published_by__isnull", True)),
                            models.Q(("published_at__isnull", False), ("published_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="decision_published_at_and_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("checked_at__isnull", True), ("checked_by__isnull", True)),
                            models.Q(("checked_at__isnull", False), ("checked_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="decision_checked_at_and_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome", "advance"), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="leaving_needs_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ThemeImpact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "impact",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "some"), (2, "clear"), (3, "main")], default=2, verbose_name="impact"
                    ),
                ),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="theme_impacts",
                        to="prioritisation.initiative",
                    ),
                ),
                (
                    "theme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="engagement.theme",
                        verbose_name="theme",
                    ),
                ),
            ],
            options={
                "verbose_name": "theme with impact",
                "verbose_name_plural": "themes with impact",
                "ordering": ["-impact", "theme"],
                "constraints": [
                    models.UniqueConstraint(fields=("initiative", "theme"), name="one_impact_a_theme"),
                    models.CheckConstraint(
                        condition=models.Q(("impact__range", (1, 3))), name="theme_impact_1_to_3"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "calibration",
                    models.BooleanField(
                        default=False,
                        help_text="The whole panel scores it, to compare how it reads the scale.",
                        verbose_name="for everyone",
                    ),
                ),
                (
                    "figures",
                    models.JSONField(
                        blank=True,
                        help_text="What was measured, as it stood when the round opened.",
                        null=True,
                        verbose_name="figures",
                    ),
                ),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="prioritisation.initiative",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="prioritisation.initiativerevision",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="prioritisation.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "initiative in a round",
                "verbose_name_plural": "initiatives in rounds",
                "ordering": ["round", "initiative"],
                "constraints": [
                    models.UniqueConstraint(fields=("round", "initiative"), name="one_entry_a_round")
                ],
            },
        ),
        migrations.CreateModel(
            name="FactCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[("confirmed", "confirmed"), ("corrected", "corrected")],
                        max_length=10,
                        verbose_name="finding",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=1000, verbose_name="note")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fact_checks",
                        to="prioritisation.initiative",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="prioritisation.initiativerevision",
                    ),
                ),
            ],
            options={
                "verbose_name": "check of the facts",
                "verbose_name_plural": "checks of the facts",
                "ordering": ["initiative", "at"],
            },
        ),
        migrations.CreateModel(
            name="EvidenceFigures",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("figures", models.JSONField(verbose_name="figures")),
                (
                    "archive",
                    models.CharField(
                        help_text="Hash of the fingerprints of all files read.",
                        max_length=64,
                        verbose_name="from which files",
                    ),
                ),
                ("frozen_at", models.DateTimeField(verbose_name="as of")),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="frozen",
                        to="prioritisation.evidencelink",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence",
                        to="prioritisation.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence in a round",
                "verbose_name_plural": "evidence in rounds",
                "constraints": [
                    models.UniqueConstraint(fields=("round", "link"), name="evidence_frozen_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Understanding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("yes", "yes"), ("partly", "partly"), ("no", "no")],
                        max_length=10,
                        verbose_name="answer",
                    ),
                ),
                (
                    "why",
                    models.TextField(blank=True, max_length=2000, verbose_name="why, in the sender's words"),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                (
                    "link",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="understanding",
                        to="prioritisation.idealink",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer to “did we understand you?”",
                "verbose_name_plural": "answers to “did we understand you?”",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True)),
                            models.Q(("answered_at__isnull", False), models.Q(("answer", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="understanding_answered_at",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(verbose_name="place in the queue")),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("first", "first distribution"),
                            ("calibration", "for everyone"),
                            ("by_hand", "chosen by hand"),
                            ("replacement", "in place of another"),
                            ("top_up", "near the line"),
                            ("opinion", "further opinion"),
                            ("connection", "to connect the panel"),
                        ],
                        default="first",
                        max_length=12,
                        verbose_name="why asked",
                    ),
                ),
                ("asked_at", models.DateTimeField(blank=True, null=True, verbose_name="asked")),
                ("skipped_at", models.DateTimeField(blank=True, null=True, verbose_name="put off")),
                (
                    "conflict_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="conflict declared"),
                ),
                ("conflict_reason", models.CharField(blank=True, max_length=300, verbose_name="why")),
                (
                    "assessor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="prioritisation.entry",
                    ),
                ),
            ],
            options={
                "verbose_name": "assignment",
                "verbose_name_plural": "assignments",
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("entry", "assessor"), name="one_assessor_initiative_round"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GateCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("gate", models.SlugField(verbose_name="gate")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("fail", "no"),
                            ("needs_information", "needs information"),
                            ("waived", "waived"),
                        ],
                        max_length=20,
                        verbose_name="finding",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        help_text="Code of a reason in the scoring rules; needed for “no” and for a waiver.",
                        max_length=50,
                        verbose_name="reason",
                    ),
                ),
                (
                    "text",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="public text"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="gate_checks",
                        to="prioritisation.entry",
                    ),
                ),
            ],
            options={
                "verbose_name": "finding on a gate",
                "verbose_name_plural": "findings on gates",
                "constraints": [models.UniqueConstraint(fields=("entry", "gate"), name="one_finding_a_gate")],
            },
        ),
        migrations.CreateModel(
            name="Discussion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("keep", "the scores stand"),
                            ("rescore", "to be scored again"),
                            ("merge", "to be merged with another"),
                        ],
                        max_length=10,
                        verbose_name="agreed",
                    ),
                ),
                ("reason", models.CharField(max_length=1000, verbose_name="why")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="discussions",
                        to="prioritisation.entry",
                    ),
                ),
            ],
            options={
                "verbose_name": "discussion",
                "verbose_name_plural": "discussions",
                "ordering": ["entry", "at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="discussion_has_a_reason"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scores", models.JSONField(verbose_name="scores")),
                (
                    "first_scores",
                    models.JSONField(blank=True, null=True, verbose_name="scores first handed in"),
                ),
                ("missing", models.JSONField(blank=True, default=dict, verbose_name="without a score")),
                ("notes", models.JSONField(blank=True, default=dict, verbose_name="notes")),
                (
                    "confidence",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="confidence"),
                ),
                ("started_at", models.DateTimeField(verbose_name="begun")),
                ("saved_at", models.DateTimeField(verbose_name="saved")),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="handed in")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "assignment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assessment",
                        to="prioritisation.assignment",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="prioritisation.initiativerevision",
                    ),
                ),
            ],
            options={
                "verbose_name": "assessment",
                "verbose_name_plural": "assessments",
            },
        ),
        migrations.AddField(
            model_name="Initiative",
            name="ideas",
            field=models.ManyToManyField(
                related_name="initiatives", through="prioritisation.IdeaLink", to="engagement.idea"
            ),
        ),
        migrations.AddField(
            model_name="Initiative",
            name="themes",
            field=models.ManyToManyField(
                related_name="initiatives", through="prioritisation.ThemeImpact", to="engagement.theme"
            ),
        ),
    ]
