"""All tables at once, for a new city: the steps that this replaces stay for those that were there before."""

import django.contrib.auth.models
import django.contrib.auth.validators
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import engagement.localized
import engagement.models.submissions
import engagement.workflow
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("engagement", "0001_initial"),
        ("engagement", "0002_heartbeat"),
        ("engagement", "0003_public_list_index"),
        ("engagement", "0004_made_to_hold"),
        ("engagement", "0005_jobs_and_mails_tell_their_history"),
        ("engagement", "0006_export_reports"),
        ("engagement", "0007_in_hand"),
        ("engagement", "0008_residents_side"),
        ("engagement", "0009_ideas_are_turned"),
        ("engagement", "0010_known_addresses_count_as_confirmed"),
        ("engagement", "0011_reports_are_flagged"),
        ("engagement", "0012_translations_say_how"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                (
                    "email",
                    models.EmailField(blank=True, db_index=True, max_length=254, verbose_name="e-mail"),
                ),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                (
                    "updates_consent_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="agreed to be told what happens"
                    ),
                ),
                (
                    "questions_consent_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="agreed to be asked questions"),
                ),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="e-mail confirmed"),
                ),
                ("created_at", models.DateTimeField(verbose_name="since")),
            ],
            options={
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "permissions": [("export_contact", "Can export contacts")],
            },
        ),
        migrations.CreateModel(
            name="Department",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(unique=True, verbose_name="code")),
                (
                    "name",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="name"),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="shared mailbox")),
                ("active", models.BooleanField(default=True, verbose_name="in use")),
            ],
            options={
                "verbose_name": "department",
                "verbose_name_plural": "departments",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Holiday",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("date", models.DateField(unique=True, verbose_name="date")),
                (
                    "name",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="name"),
                ),
            ],
            options={
                "verbose_name": "holiday",
                "verbose_name_plural": "holidays",
                "ordering": ["date"],
            },
        ),
        migrations.CreateModel(
            name="Removal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.SlugField(verbose_name="what")),
                ("count", models.PositiveIntegerField(verbose_name="how many")),
                ("days", models.PositiveIntegerField(verbose_name="kept for, in days")),
                ("at", models.DateTimeField(verbose_name="when")),
            ],
            options={
                "verbose_name": "removal",
                "verbose_name_plural": "removals",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.SlugField(unique=True, verbose_name="what")),
                ("days", models.PositiveIntegerField(verbose_name="kept for, in days")),
                ("active", models.BooleanField(default=True, verbose_name="in use")),
            ],
            options={
                "verbose_name": "retention rule",
                "verbose_name_plural": "retention rules",
                "ordering": ["kind"],
                "permissions": [("set_retention", "Can change how long personal data is kept")],
            },
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("series", models.CharField(max_length=20)),
                ("year", models.PositiveSmallIntegerField()),
                ("value", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("series", "year"), name="one_counter_a_series_and_year")
                ],
            },
        ),
        migrations.CreateModel(
            name="District",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(unique=True, verbose_name="code")),
                (
                    "name",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="name"),
                ),
                (
                    "boundary",
                    models.JSONField(
                        blank=True, help_text="GeoJSON, WGS84", null=True, verbose_name="boundary"
                    ),
                ),
                ("population", models.PositiveIntegerField(blank=True, null=True, verbose_name="population")),
                (
                    "quintile",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="1 = least deprived, 5 = most deprived",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="deprivation quintile",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="in use")),
            ],
            options={
                "verbose_name": "district",
                "verbose_name_plural": "districts",
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quintile__isnull", True), ("quintile__range", (1, 5)), _connector="OR"
                        ),
                        name="district_quintile_1_to_5",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(db_index=True, max_length=20, verbose_name="reference")),
                (
                    "what",
                    models.CharField(
                        choices=[("sender", "sender"), ("all", "sender and text")],
                        max_length=10,
                        verbose_name="what was erased",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
            ],
            options={
                "verbose_name": "erasure",
                "verbose_name_plural": "erasures",
                "ordering": ["at", "pk"],
                "constraints": [models.UniqueConstraint(fields=("reference", "what"), name="erased_once")],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        help_text="In lower case.", max_length=254, unique=True, verbose_name="e-mail"
                    ),
                ),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                (
                    "rhythm",
                    models.CharField(
                        choices=[
                            ("instant", "at once"),
                            ("daily", "once a day"),
                            ("weekly", "once a week"),
                            ("never", "not at all"),
                        ],
                        default="daily",
                        max_length=10,
                        verbose_name="how often to tell",
                    ),
                ),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="e-mail confirmed"),
                ),
                (
                    "told_until",
                    models.DateTimeField(
                        blank=True,
                        help_text="What happened before was in a mail.",
                        null=True,
                        verbose_name="told until",
                    ),
                ),
                ("nonce", models.CharField(max_length=32)),
                ("created_at", models.DateTimeField(verbose_name="since")),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "indexes": [models.Index(fields=["rhythm", "told_until"], name="person_to_be_told")],
            },
        ),
        migrations.CreateModel(
            name="RateLimit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64)),
                ("window", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["window"], name="rate_limit_window")],
                "constraints": [models.UniqueConstraint(fields=("key", "window"), name="one_count_a_window")],
            },
        ),
        migrations.CreateModel(
            name="Reason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("decline", "decline an idea"),
                            ("ask_correction", "ask for a correction"),
                            ("pass_on", "pass an idea on"),
                            ("close", "close a problem report"),
                        ],
                        max_length=20,
                        verbose_name="action",
                    ),
                ),
                ("code", models.SlugField(verbose_name="code")),
                (
                    "label",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="label"),
                ),
                (
                    "text",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="standard text"
                    ),
                ),
                (
                    "eligible",
                    models.BooleanField(
                        default=True,
                        help_text="Off for tests, advertising and texts sent twice: they are counted apart.",
                        verbose_name="still counts as an idea",
                    ),
                ),
                (
                    "hides_text",
                    models.BooleanField(
                        default=False,
                        help_text="The page says why, without the text.",
                        verbose_name="hides the text",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="in use")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
            ],
            options={
                "verbose_name": "standard reason",
                "verbose_name_plural": "standard reasons",
                "ordering": ["action", "order", "code"],
                "constraints": [models.UniqueConstraint(fields=("action", "code"), name="one_reason_a_code")],
            },
        ),
        migrations.CreateModel(
            name="Theme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(unique=True, verbose_name="key")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("focus_area", "focus area"),
                            ("pillar", "pillar"),
                            ("enabler", "structural enabler"),
                            ("value", "value"),
                        ],
                        default="focus_area",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "label",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="label"),
                ),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                ("active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="engagement.theme",
                        verbose_name="part of",
                    ),
                ),
            ],
            options={
                "verbose_name": "theme",
                "verbose_name_plural": "themes",
                "ordering": ["order", "key"],
            },
        ),
        migrations.CreateModel(
            name="Call",
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
                            ("idea_box", "idea box (residents)"),
                            ("innovation", "call for innovation (businesses)"),
                            ("in_reach", "in-reach (staff only)"),
                            ("challenge", "challenge"),
                        ],
                        default="idea_box",
                        max_length=20,
                        verbose_name="kind",
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
                        blank=True, default=dict, verbose_name="what is asked"
                    ),
                ),
                (
                    "consent",
                    engagement.localized.LocalizedTextField(
                        blank=True,
                        default=dict,
                        help_text="How what people send will be used.",
                        verbose_name="consent text",
                    ),
                ),
                ("opens_at", models.DateTimeField(verbose_name="opens")),
                ("closes_at", models.DateTimeField(blank=True, null=True, verbose_name="closes")),
                (
                    "cutoff_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="What comes later waits for the next round and is told so at once.",
                        null=True,
                        verbose_name="cut-off of this round",
                    ),
                ),
                (
                    "planned_dates",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="What happens when, shown to residents.",
                        verbose_name="planned dates",
                    ),
                ),
                (
                    "judging_questions",
                    models.JSONField(
                        blank=True, default=list, verbose_name="questions by which answers are judged"
                    ),
                ),
                (
                    "questions",
                    models.JSONField(blank=True, default=list, verbose_name="extra questions asked"),
                ),
                (
                    "moderation",
                    models.CharField(
                        choices=[
                            ("before", "staff publish each idea"),
                            ("after", "ideas are public at once"),
                            ("flagged", "staff read first what is flagged, the rest is public at once"),
                        ],
                        default="before",
                        max_length=10,
                        verbose_name="moderation",
                    ),
                ),
                (
                    "supports",
                    models.CharField(
                        choices=[
                            ("none", "no"),
                            ("token", "once a browser"),
                            ("confirmed", "once a confirmed e-mail address"),
                        ],
                        default="none",
                        help_text="Supports tell how many care; they never enter a score unless the scoring rules say so.",
                        max_length=10,
                        verbose_name="residents may support ideas",
                    ),
                ),
                (
                    "notes",
                    models.CharField(
                        choices=[
                            ("none", "no"),
                            ("held", "yes, staff publish each note"),
                            ("after", "yes, notes are public at once"),
                        ],
                        default="none",
                        help_text="One note a person on an idea: no threads.",
                        max_length=10,
                        verbose_name="residents may add notes",
                    ),
                ),
                (
                    "word_list",
                    models.TextField(
                        blank=True,
                        help_text="One a line. A text with one of them waits for staff, and says why.",
                        verbose_name="words that are looked at first",
                    ),
                ),
                (
                    "appeal_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="How long a sender may ask for a refusal to be looked at again. Empty: no appeal.",
                        null=True,
                        verbose_name="days to appeal",
                    ),
                ),
                (
                    "asks_phone",
                    models.BooleanField(default=False, verbose_name="asks for a phone number to call back"),
                ),
                ("created_at", models.DateTimeField(verbose_name="made")),
                ("version", models.PositiveIntegerField(default=1)),
                ("themes", models.ManyToManyField(blank=True, to="engagement.theme", verbose_name="themes")),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ["-opens_at"],
                "permissions": [("manage_call", "Can make and change invitations")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closes_at__isnull", True),
                            ("closes_at__gt", models.F("opens_at")),
                            _connector="OR",
                        ),
                        name="call_closes_after_it_opens",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined"),
                ),
                ("language", models.CharField(blank=True, max_length=8, verbose_name="language")),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="engagement.department",
                        verbose_name="department",
                    ),
                ),
            ],
            options={
                "verbose_name": "staff member",
                "verbose_name_plural": "staff members",
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="ReportService",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(unique=True, verbose_name="code")),
                (
                    "name",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="name"),
                ),
                (
                    "group",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="group"),
                ),
                ("keywords", models.CharField(blank=True, max_length=300, verbose_name="keywords")),
                (
                    "description",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="description"
                    ),
                ),
                (
                    "notice",
                    engagement.localized.LocalizedTextField(
                        blank=True,
                        default=dict,
                        help_text="Shown first, e.g. in an emergency call 911.",
                        verbose_name="notice",
                    ),
                ),
                (
                    "target_days",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="target, in days"),
                ),
                (
                    "working_days",
                    models.BooleanField(
                        default=False,
                        help_text="Without weekends and the city's holidays.",
                        verbose_name="counts working days",
                    ),
                ),
                ("questions", models.JSONField(blank=True, default=list, verbose_name="questions")),
                (
                    "nearby_metres",
                    models.PositiveIntegerField(
                        default=100, verbose_name="similar reports are looked for within, in metres"
                    ),
                ),
                (
                    "nearby_days",
                    models.PositiveSmallIntegerField(
                        default=60, verbose_name="similar reports are looked for back to, in days"
                    ),
                ),
                (
                    "private",
                    models.BooleanField(default=False, verbose_name="reports are not shown in public"),
                ),
                ("active", models.BooleanField(default=True, verbose_name="in use")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="engagement.department",
                        verbose_name="department",
                    ),
                ),
            ],
            options={
                "verbose_name": "report service",
                "verbose_name_plural": "report services",
                "ordering": ["order", "code"],
            },
        ),
        migrations.CreateModel(
            name="Meeting",
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
                            ("open_meeting", "open meeting"),
                            ("co_creation_day", "co-creation day"),
                            ("workshop", "workshop"),
                            ("interview", "interview"),
                            ("validation_session", "validation session"),
                        ],
                        max_length=30,
                        verbose_name="kind",
                    ),
                ),
                (
                    "title",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="title"),
                ),
                ("date", models.DateField(verbose_name="date")),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="place")),
                (
                    "attendance",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="people who came"),
                ),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="engagement.call",
                        verbose_name="invitation",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="engagement.district",
                        verbose_name="district",
                    ),
                ),
            ],
            options={
                "verbose_name": "meeting",
                "verbose_name_plural": "meetings",
                "ordering": ["-date"],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=20, unique=True, verbose_name="reference")),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("web", "web form"),
                            ("meeting", "meeting"),
                            ("paper", "paper"),
                            ("phone", "phone"),
                            ("in_person", "at a counter"),
                            ("import", "imported file"),
                            ("api", "another system"),
                        ],
                        default="web",
                        max_length=20,
                        verbose_name="channel",
                    ),
                ),
                ("whole_city", models.BooleanField(default=False, verbose_name="the whole city")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="address or place")),
                (
                    "latitude",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(-90),
                            django.core.validators.MaxValueValidator(90),
                        ],
                        verbose_name="latitude",
                    ),
                ),
                (
                    "longitude",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(-180),
                            django.core.validators.MaxValueValidator(180),
                        ],
                        verbose_name="longitude",
                    ),
                ),
                (
                    "cell",
                    models.CharField(
                        blank=True, help_text="H3, resolution 9", max_length=16, verbose_name="map cell"
                    ),
                ),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("changed_at", models.DateTimeField(verbose_name="last change")),
                ("nonce", models.CharField(max_length=32)),
                (
                    "form_key",
                    models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True),
                ),
                ("claimed_until", models.DateTimeField(blank=True, null=True, verbose_name="in hand until")),
                ("search", models.TextField(blank=True, editable=False)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("in_progress", "in progress"),
                            ("closed", "closed"),
                            ("as_idea", "taken as an idea"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default=engagement.workflow.ReportState["RECEIVED"],
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("description", models.TextField(max_length=4000, verbose_name="description as sent")),
                ("public_description", models.TextField(verbose_name="description")),
                ("answers", models.JSONField(blank=True, default=dict, verbose_name="answers")),
                ("expected_at", models.DateTimeField(blank=True, null=True, verbose_name="expected by")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                (
                    "claimed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="in hand with",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="engagement.contact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        help_text="By the rules of routing; empty: the department of the report service.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="engagement.department",
                        verbose_name="routed to",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="engagement.district",
                        verbose_name="district",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="engagement.report",
                        verbose_name="first report of the same",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="engagement.reportservice",
                        verbose_name="report service",
                    ),
                ),
            ],
            options={
                "verbose_name": "problem report",
                "verbose_name_plural": "problem reports",
                "ordering": ["-received_at", "-pk"],
                "permissions": [
                    ("handle_report", "Can handle problem reports"),
                    ("export_report", "Can export problem reports"),
                ],
                "indexes": [
                    models.Index(fields=["state", "-received_at", "-id"], name="report_by_state"),
                    models.Index(fields=["service", "-received_at", "-id"], name="report_by_service"),
                    models.Index(
                        condition=models.Q(("claimed_until__isnull", False)),
                        fields=["claimed_by", "claimed_until"],
                        name="report_in_hand",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(("latitude__range", (-90, 90)), ("longitude__range", (-180, 180))),
                            _connector="OR",
                        ),
                        name="report_point_whole_and_on_earth",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RoutingRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                ("active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="engagement.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: every one.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="engagement.district",
                        verbose_name="district",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: every one.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="engagement.reportservice",
                        verbose_name="report service",
                    ),
                ),
            ],
            options={
                "verbose_name": "routing rule",
                "verbose_name_plural": "routing rules",
                "ordering": ["order", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ArchiveFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="fingerprint")),
                ("name", models.CharField(max_length=200, verbose_name="file")),
                ("format", models.CharField(max_length=40, verbose_name="format")),
                ("licence", models.CharField(blank=True, max_length=200, verbose_name="licence")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="where it comes from")),
                ("rows", models.PositiveIntegerField(verbose_name="rows")),
                ("kept", models.PositiveIntegerField(verbose_name="kept")),
                ("refused", models.PositiveIntegerField(verbose_name="refused")),
                ("reasons", models.JSONField(blank=True, default=dict, verbose_name="why refused")),
                ("notes", models.JSONField(blank=True, default=dict, verbose_name="to know")),
                ("size", models.PositiveBigIntegerField(default=0, verbose_name="bytes")),
                ("first_at", models.DateTimeField(blank=True, null=True, verbose_name="from")),
                ("last_at", models.DateTimeField(blank=True, null=True, verbose_name="to")),
                ("imported_at", models.DateTimeField(verbose_name="imported")),
                (
                    "removed_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="The file itself goes a day later.",
                        null=True,
                        verbose_name="removed",
                    ),
                ),
                (
                    "imported_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by whom",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of past problem reports",
                "verbose_name_plural": "files of past problem reports",
                "ordering": ["-imported_at", "-pk"],
                "permissions": [("import_report", "Can import past problem reports")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "rows",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("kept"), "+", models.F("refused")
                                ),
                            )
                        ),
                        name="archive_kept_and_refused",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=60, verbose_name="kind")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("parameters", models.JSONField(blank=True, default=dict, verbose_name="parameters")),
                ("progress", models.PositiveIntegerField(default=0, verbose_name="done so far")),
                ("total", models.PositiveIntegerField(blank=True, null=True, verbose_name="in all")),
                ("result", models.JSONField(blank=True, default=dict, verbose_name="result")),
                ("error", models.TextField(blank=True, verbose_name="error")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                (
                    "heartbeat_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="last sign of life"),
                ),
                ("created_at", models.DateTimeField(verbose_name="asked for")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "expires_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Then the file is removed, the row stays.",
                        null=True,
                        verbose_name="its file is kept until",
                    ),
                ),
                (
                    "history",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="What happened to it, line by line: when, what, who.",
                    ),
                ),
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
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "jobs",
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["state", "kind"], name="job_due")],
            },
        ),
        migrations.CreateModel(
            name="Idea",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=20, unique=True, verbose_name="reference")),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("web", "web form"),
                            ("meeting", "meeting"),
                            ("paper", "paper"),
                            ("phone", "phone"),
                            ("in_person", "at a counter"),
                            ("import", "imported file"),
                            ("api", "another system"),
                        ],
                        default="web",
                        max_length=20,
                        verbose_name="channel",
                    ),
                ),
                ("whole_city", models.BooleanField(default=False, verbose_name="the whole city")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="address or place")),
                (
                    "latitude",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(-90),
                            django.core.validators.MaxValueValidator(90),
                        ],
                        verbose_name="latitude",
                    ),
                ),
                (
                    "longitude",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(-180),
                            django.core.validators.MaxValueValidator(180),
                        ],
                        verbose_name="longitude",
                    ),
                ),
                (
                    "cell",
                    models.CharField(
                        blank=True, help_text="H3, resolution 9", max_length=16, verbose_name="map cell"
                    ),
                ),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("changed_at", models.DateTimeField(verbose_name="last change")),
                ("nonce", models.CharField(max_length=32)),
                (
                    "form_key",
                    models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True),
                ),
                ("claimed_until", models.DateTimeField(blank=True, null=True, verbose_name="in hand until")),
                ("search", models.TextField(blank=True, editable=False)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("published", "published"),
                            ("correction", "waiting for a correction"),
                            ("duplicate", "joined with a similar idea"),
                            ("passed_on", "passed on"),
                            ("split", "split into several ideas"),
                            ("as_report", "handled as a problem report"),
                            ("declined", "declined"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default=engagement.workflow.IdeaState["RECEIVED"],
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title as sent")),
                ("problem", models.TextField(max_length=8000, verbose_name="problem as sent")),
                ("proposal", models.TextField(blank=True, max_length=8000, verbose_name="proposal as sent")),
                ("public_title", models.CharField(max_length=200, verbose_name="title")),
                ("public_problem", models.TextField(verbose_name="what is the problem, and for whom?")),
                ("public_proposal", models.TextField(blank=True, verbose_name="what could help?")),
                ("answers", models.JSONField(blank=True, default=dict, verbose_name="answers")),
                (
                    "confidential_answers",
                    models.JSONField(blank=True, default=dict, verbose_name="confidential answers"),
                ),
                (
                    "eligible",
                    models.BooleanField(
                        default=True,
                        help_text="Tests, advertising and the same text sent twice do not.",
                        verbose_name="counts as an idea",
                    ),
                ),
                ("text_hidden", models.BooleanField(default=False, verbose_name="text not shown")),
                ("after_cutoff", models.BooleanField(default=False, verbose_name="waits for the next round")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published")),
                (
                    "publish_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Checked, and public from this hour on.",
                        null=True,
                        verbose_name="to be published",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("in_plan", "in the plan"),
                            ("set_aside", "in an initiative that was set aside"),
                            ("worked_up", "being worked up"),
                        ],
                        max_length=20,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "outcome_text",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="why"),
                ),
                ("outcome_link", models.CharField(blank=True, max_length=300)),
                (
                    "source_key",
                    models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True),
                ),
                (
                    "rotation",
                    models.IntegerField(
                        default=engagement.models.submissions.random_rotation,
                        editable=False,
                        help_text="By chance, once: lists turn through it by the day, so that no idea is always last.",
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ideas",
                        to="engagement.call",
                        verbose_name="invitation",
                    ),
                ),
                (
                    "claimed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="in hand with",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="engagement.contact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="engagement.district",
                        verbose_name="district",
                    ),
                ),
                (
                    "publish_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "split_from",
                    models.ForeignKey(
                        blank=True,
                        help_text="The letter that holds several ideas, of which this is one.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="engagement.idea",
                        verbose_name="quoted from",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ideas",
                        to="engagement.meeting",
                        verbose_name="meeting",
                    ),
                ),
                (
                    "themes",
                    models.ManyToManyField(
                        blank=True, related_name="ideas", to="engagement.theme", verbose_name="themes"
                    ),
                ),
            ],
            options={
                "verbose_name": "idea",
                "verbose_name_plural": "ideas",
                "ordering": ["-received_at", "-pk"],
                "permissions": [
                    ("triage_idea", "Can publish, decline, link and pass on ideas"),
                    ("reopen_idea", "Can reopen a decided idea"),
                    ("type_in_idea", "Can type in ideas from meetings, paper and phone"),
                    ("import_idea", "Can import ideas from files"),
                    ("export_idea", "Can export ideas"),
                    ("translate_idea", "Can put a translation beside an idea"),
                ],
                "indexes": [
                    models.Index(fields=["state", "-received_at", "-id"], name="idea_by_state"),
                    models.Index(fields=["call", "state", "-received_at", "-id"], name="idea_by_call"),
                    models.Index(fields=["-published_at", "-id"], name="idea_by_publication"),
                    models.Index(
                        fields=["-received_at", "-id", "eligible", "state", "published_at", "call"],
                        name="idea_public_newest_first",
                    ),
                    models.Index(
                        fields=["rotation", "id", "eligible", "state", "published_at", "call"],
                        name="idea_by_rotation",
                    ),
                    models.Index(fields=["district", "-published_at"], name="idea_by_district"),
                    models.Index(
                        condition=models.Q(("publish_at__isnull", False)),
                        fields=["publish_at"],
                        name="idea_to_be_published",
                    ),
                    models.Index(
                        condition=models.Q(("claimed_until__isnull", False)),
                        fields=["claimed_by", "claimed_until"],
                        name="idea_in_hand",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(("latitude__range", (-90, 90)), ("longitude__range", (-180, 180))),
                            _connector="OR",
                        ),
                        name="idea_point_whole_and_on_earth",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("publish_at__isnull", True), ("publish_by__isnull", True)),
                            models.Q(("publish_at__isnull", False), ("publish_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="idea_publish_at_and_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("split_from__isnull", True),
                            models.Q(("split_from", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="idea_not_quoted_from_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeetingLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("nonce", models.CharField(max_length=32)),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
                (
                    "head_count",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="people counted in the room"
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
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="engagement.meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "meeting link",
                "verbose_name_plural": "meeting links",
                "ordering": ["-made_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gte", models.F("made_at"))),
                        name="meeting_link_ends_later",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MeToo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "voter",
                    models.CharField(help_text="Keyed hash of the e-mail address or token.", max_length=64),
                ),
                ("given_at", models.DateTimeField(verbose_name="given")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="me_toos",
                        to="engagement.report",
                    ),
                ),
            ],
            options={
                "verbose_name": "person with the same problem",
                "verbose_name_plural": "people with the same problem",
                "constraints": [
                    models.UniqueConstraint(fields=("report", "voter"), name="one_me_too_a_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="MeetingLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hands", models.PositiveIntegerField(default=0, verbose_name="hands or dots for it")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "idea",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="meeting_line",
                        to="engagement.idea",
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="engagement.meetinglink",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a meeting",
                "verbose_name_plural": "lines of meetings",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "voter",
                    models.CharField(help_text="Keyed hash of the e-mail address or token.", max_length=64),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("me_too", "this concerns me too"),
                            ("fact", "a fact"),
                            ("objection", "an objection"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.TextField(max_length=1000, verbose_name="text as sent")),
                ("public_text", models.TextField(verbose_name="text")),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "waits for staff"),
                            ("published", "published"),
                            ("hidden", "hidden"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default=engagement.workflow.NoteState["HELD"],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("sent_at", models.DateTimeField(verbose_name="sent")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                (
                    "why",
                    engagement.localized.LocalizedTextField(
                        blank=True, default=dict, verbose_name="why it is hidden"
                    ),
                ),
                (
                    "answer",
                    models.TextField(blank=True, max_length=1000, verbose_name="what its author answered"),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="engagement.idea",
                        verbose_name="idea",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notes",
                        to="engagement.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "note",
                "verbose_name_plural": "notes",
                "ordering": ["sent_at", "pk"],
                "permissions": [("moderate_note", "Can publish and hide notes, and handle reports of abuse")],
                "indexes": [models.Index(fields=["state", "sent_at", "id"], name="note_by_state")],
                "constraints": [models.UniqueConstraint(fields=("idea", "voter"), name="one_note_a_person")],
            },
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "running_plan",
                    models.BooleanField(
                        default=False,
                        help_text="Something under way does this already.",
                        verbose_name="the plan that is being carried out",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="passed on")),
                (
                    "answer",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="answer"),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="engagement.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="referrals",
                        to="engagement.idea",
                    ),
                ),
            ],
            options={
                "verbose_name": "referral",
                "verbose_name_plural": "referrals",
                "ordering": ["asked_at", "pk"],
                "permissions": [
                    ("answer_referral", "Can answer ideas that were passed on to the own department")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("department__isnull", False), ("running_plan", False)),
                            models.Q(("department__isnull", True), ("running_plan", True)),
                            _connector="OR",
                        ),
                        name="referral_to_exactly_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("answered_by__isnull", True)),
                            models.Q(("answered_at__isnull", False), ("answered_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="referral_answered_at_and_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Photo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.FileField(upload_to="photos/", verbose_name="file")),
                (
                    "redacted",
                    models.FileField(blank=True, upload_to="photos/", verbose_name="file with black boxes"),
                ),
                ("width", models.PositiveIntegerField(verbose_name="width")),
                ("height", models.PositiveIntegerField(verbose_name="height")),
                ("caption", models.CharField(blank=True, max_length=300, verbose_name="what it shows")),
                (
                    "rights_confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="sender may share it"),
                ),
                ("added_at", models.DateTimeField(verbose_name="added")),
                (
                    "idea",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="engagement.idea",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="engagement.meeting",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="engagement.report",
                    ),
                ),
            ],
            options={
                "verbose_name": "photo",
                "verbose_name_plural": "photos",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("idea__isnull", False), ("meeting__isnull", True), ("report__isnull", True)
                            ),
                            models.Q(
                                ("idea__isnull", True), ("meeting__isnull", True), ("report__isnull", False)
                            ),
                            models.Q(
                                ("idea__isnull", True), ("meeting__isnull", False), ("report__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="photo_of_exactly_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=60, verbose_name="kind")),
                ("context", models.JSONField(blank=True, default=dict)),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("sent", "sent"),
                            ("failed", "failed"),
                            ("cancelled", "not sent: undone"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("message_id", models.CharField(max_length=200, unique=True, verbose_name="message id")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("next_try_at", models.DateTimeField(verbose_name="next try")),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("last_error", models.TextField(blank=True, verbose_name="last error")),
                ("created_at", models.DateTimeField(verbose_name="made")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                (
                    "history",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="What staff did with it, line by line: when, what, who.",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="engagement.contact",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="engagement.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "idea",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="engagement.idea",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="engagement.person",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="engagement.report",
                    ),
                ),
            ],
            options={
                "verbose_name": "mail",
                "verbose_name_plural": "mails",
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["state", "next_try_at"], name="notice_due")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("contact__isnull", False),
                                ("department", None),
                                ("person", None),
                                ("user", None),
                            ),
                            models.Q(
                                ("contact", None),
                                ("department", None),
                                ("person", None),
                                ("user__isnull", False),
                            ),
                            models.Q(
                                ("contact", None),
                                ("department__isnull", False),
                                ("person", None),
                                ("user", None),
                            ),
                            models.Q(
                                ("contact", None),
                                ("department", None),
                                ("person__isnull", False),
                                ("user", None),
                            ),
                            _connector="OR",
                        ),
                        name="notice_to_exactly_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.TextField(max_length=2000, verbose_name="why")),
                ("since", models.DateTimeField(verbose_name="since")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by whom",
                    ),
                ),
                (
                    "idea",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="legal_holds",
                        to="engagement.idea",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="legal_holds",
                        to="engagement.report",
                    ),
                ),
            ],
            options={
                "verbose_name": "legal hold",
                "verbose_name_plural": "legal holds",
                "ordering": ["since", "pk"],
                "permissions": [("hold_record", "Can put records on legal hold and lift it")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("idea__isnull", False), ("report__isnull", True)),
                            models.Q(("idea__isnull", True), ("report__isnull", False)),
                            _connector="OR",
                        ),
                        name="hold_of_exactly_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                            models.Q(("lifted_at__isnull", False), ("lifted_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="hold_lifted_at_and_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Follow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                (
                    "idea",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follows",
                        to="engagement.idea",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follows",
                        to="engagement.person",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follows",
                        to="engagement.report",
                    ),
                ),
            ],
            options={
                "verbose_name": "followed record",
                "verbose_name_plural": "followed records",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("idea__isnull", False), ("report__isnull", True)),
                            models.Q(("idea__isnull", True), ("report__isnull", False)),
                            _connector="OR",
                        ),
                        name="follow_of_exactly_one",
                    ),
                    models.UniqueConstraint(fields=("person", "idea"), name="one_follow_an_idea"),
                    models.UniqueConstraint(fields=("person", "report"), name="one_follow_a_report"),
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
                (
                    "actor",
                    models.CharField(
                        choices=[("resident", "sender"), ("staff", "staff"), ("system", "Winnow")],
                        max_length=10,
                        verbose_name="who",
                    ),
                ),
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
                ("link", models.CharField(blank=True, max_length=300, verbose_name="see also")),
                ("public", models.BooleanField(default=True, verbose_name="public")),
                (
                    "before",
                    models.JSONField(blank=True, default=dict, help_text="What the move changed, as it was."),
                ),
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
                    "undoes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="undone_by",
                        to="engagement.event",
                    ),
                ),
                (
                    "idea",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="engagement.idea",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="engagement.report",
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "ordering": ["at", "pk"],
                "indexes": [models.Index(fields=["verb", "at"], name="event_by_verb")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("idea__isnull", False), ("report__isnull", True)),
                            models.Q(("idea__isnull", True), ("report__isnull", False)),
                            _connector="OR",
                        ),
                        name="event_of_exactly_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("actor", "staff"), ("by__isnull", False)),
                            models.Q(("actor", "staff"), _negated=True),
                            _connector="OR",
                        ),
                        name="staff_event_names_who",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SimilarLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("state_before", models.CharField(max_length=20)),
                ("linked_at", models.DateTimeField(verbose_name="linked")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone")),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links_to_original",
                        to="engagement.idea",
                    ),
                ),
                (
                    "linked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "original",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="duplicates",
                        to="engagement.idea",
                    ),
                ),
                (
                    "undone_by",
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
                "verbose_name": "link to a similar idea",
                "verbose_name_plural": "links to similar ideas",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at__isnull", True)),
                        fields=("idea",),
                        name="one_original_an_idea",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("idea", models.F("original")), _negated=True),
                        name="not_its_own_duplicate",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("undone_at__isnull", True), ("undone_by__isnull", True)),
                            models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="link_undone_at_and_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Support",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "voter",
                    models.CharField(help_text="Keyed hash of the e-mail address or token.", max_length=64),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("confirmed", "confirmed e-mail"),
                            ("token", "browser"),
                            ("paper", "on paper"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("given_at", models.DateTimeField(verbose_name="given")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn")),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="supports",
                        to="engagement.idea",
                    ),
                ),
            ],
            options={
                "verbose_name": "support",
                "verbose_name_plural": "supports",
                "constraints": [
                    models.UniqueConstraint(fields=("idea", "voter"), name="one_support_a_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by whom",
                    ),
                ),
                (
                    "idea",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transfer",
                        to="engagement.idea",
                    ),
                ),
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transfer",
                        to="engagement.report",
                    ),
                ),
            ],
            options={
                "verbose_name": "idea as problem report",
                "verbose_name_plural": "ideas as problem reports",
            },
        ),
        migrations.CreateModel(
            name="Translation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("problem", models.TextField(verbose_name="problem")),
                ("proposal", models.TextField(blank=True, verbose_name="proposal")),
                ("by_machine", models.BooleanField(default=False, verbose_name="made by a machine")),
                (
                    "earlier_wording",
                    models.BooleanField(
                        default=False,
                        help_text="The sender corrected the words since.",
                        verbose_name="made from an earlier wording",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="made")),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="translations",
                        to="engagement.idea",
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
            ],
            options={
                "verbose_name": "translation",
                "verbose_name_plural": "translations",
                "ordering": ["language"],
                "constraints": [
                    models.UniqueConstraint(fields=("idea", "language"), name="one_translation_a_language")
                ],
            },
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(max_length=4000, verbose_name="why, in the sender's words")),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("granted", "the refusal is taken back"), ("refused", "the refusal stands")],
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "reason",
                    engagement.localized.LocalizedTextField(blank=True, default=dict, verbose_name="reason"),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "refused_by",
                    models.ForeignKey(
                        help_text="Who refused the idea.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appeals",
                        to="engagement.idea",
                        verbose_name="idea",
                    ),
                ),
            ],
            options={
                "verbose_name": "appeal",
                "verbose_name_plural": "appeals",
                "ordering": ["asked_at", "pk"],
                "permissions": [("decide_appeal", "Can decide appeals")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at__isnull", True)),
                        fields=("idea",),
                        name="one_open_appeal_an_idea",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True), ("decided_by__isnull", True), ("outcome", "")
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="appeal_decided_at_and_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("refused_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="appeal_decided_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdeaRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("problem", models.TextField(verbose_name="problem")),
                ("proposal", models.TextField(blank=True, verbose_name="proposal")),
                ("replaced_at", models.DateTimeField(verbose_name="replaced")),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="engagement.idea",
                    ),
                ),
            ],
            options={
                "verbose_name": "earlier wording",
                "verbose_name_plural": "earlier wordings",
                "ordering": ["idea", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("idea", "number"), name="one_revision_a_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="AbuseReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("personal", "it tells something about a person"),
                            ("insult", "it insults or threatens"),
                            ("advertising", "it is advertising"),
                            ("false", "it is false"),
                            ("other", "something else"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=1000, verbose_name="in their words")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("kept", "left as it is"), ("hidden", "hidden")],
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                ("handled_at", models.DateTimeField(blank=True, null=True, verbose_name="handled")),
                (
                    "handled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "idea",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="abuse_reports",
                        to="engagement.idea",
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="abuse_reports",
                        to="engagement.note",
                    ),
                ),
            ],
            options={
                "verbose_name": "report of abuse",
                "verbose_name_plural": "reports of abuse",
                "ordering": ["at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("idea__isnull", False), ("note__isnull", True)),
                            models.Q(("idea__isnull", True), ("note__isnull", False)),
                            _connector="OR",
                        ),
                        name="abuse_of_exactly_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("handled_at__isnull", True), ("handled_by__isnull", True), ("outcome", "")
                            ),
                            models.Q(
                                ("handled_at__isnull", False),
                                ("handled_by__isnull", False),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="abuse_handled_at_and_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Flag",
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
                            ("honeypot", "the invisible field was filled in"),
                            ("quick", "sent faster than anybody types"),
                            ("links", "holds links"),
                            ("velocity", "many texts from one network"),
                            ("near_duplicate", "nearly the same as another text"),
                            ("word", "holds a word of the invitation's list"),
                            ("personal", "holds personal data"),
                            ("abuse", "readers reported it"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=200, verbose_name="detail")),
                ("raised_at", models.DateTimeField(verbose_name="raised")),
                (
                    "idea",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="flags",
                        to="engagement.idea",
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="flags",
                        to="engagement.note",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="flags",
                        to="engagement.report",
                    ),
                ),
            ],
            options={
                "verbose_name": "flag",
                "verbose_name_plural": "flags",
                "ordering": ["raised_at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("idea__isnull", False), ("note__isnull", True), ("report__isnull", True)
                            ),
                            models.Q(
                                ("idea__isnull", True), ("note__isnull", False), ("report__isnull", True)
                            ),
                            models.Q(
                                ("idea__isnull", True), ("note__isnull", True), ("report__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="flag_of_exactly_one",
                    )
                ],
            },
        ),
    ]
