"""Settings: one file, read from the environment (docs/configuration.md lists every name)."""

import contextlib
import os
import secrets
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import logs
from config.env import Env, SettingError, database, env_file, named_keys
from config.signon import options as signon
from config.timetable import timetable

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env(env_file(BASE_DIR))

# --- This city -----------------------------------------------------------------------------------
WINNOW_CITY_NAME = env.text("WINNOW_CITY_NAME", "Winnow")
WINNOW_CITY_NAME_FR = env.text("WINNOW_CITY_NAME_FR", WINNOW_CITY_NAME)
WINNOW_ACCENT = env.text("WINNOW_ACCENT", "#0b5c6b")
WINNOW_LOGO = env.text("WINNOW_LOGO")
WINNOW_CONTACT_EMAIL = env.text("WINNOW_CONTACT_EMAIL", "engagement@city.example")
WINNOW_ACCESS_ANSWER_DAYS = env.number("WINNOW_ACCESS_ANSWER_DAYS", 10)
WINNOW_DEMONSTRATION = env.flag("WINNOW_DEMONSTRATION")
WINNOW_REPORTS_ENABLED = env.flag("WINNOW_REPORTS_ENABLED", default=True)
WINNOW_REPORTS_URL = env.text("WINNOW_REPORTS_URL")
WINNOW_BASE_URL = env.text("WINNOW_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
WINNOW_OPEN311_KEYS = named_keys("WINNOW_OPEN311_KEYS", env.list("WINNOW_OPEN311_KEYS"))
WINNOW_OPEN311_JURISDICTION = env.text("WINNOW_OPEN311_JURISDICTION")
WINNOW_OPEN311_TEST_URL = env.text("WINNOW_OPEN311_TEST_URL").rstrip("/")
WINNOW_MAP_TILES = env.text("WINNOW_MAP_TILES")
WINNOW_MAP_CREDIT = env.text("WINNOW_MAP_CREDIT")
_tiles = WINNOW_MAP_TILES.replace("{s}", "*")
if _tiles and not _tiles.startswith(("https://", "/")):
    raise SettingError("WINNOW_MAP_TILES: an address with https:// or on this server, with {z}, {x} and {y}")
WINNOW_SIMILAR = env.text("WINNOW_SIMILAR", "meaning")
if WINNOW_SIMILAR not in ("meaning", "words"):
    raise SettingError("WINNOW_SIMILAR: choose from meaning, words")

# --- Where things are kept -----------------------------------------------------------------------
VAR = Path(env.text("WINNOW_VAR", str(BASE_DIR / "var"))).resolve()
# With senders' contacts in it: nobody else on this machine looks in.
VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
for folder in (
    "mail",
    "media",
    "uploads",
    "exports",
    "archive",
    "incoming",
    "broker/messages",
    "broker/processed",
):
    (VAR / folder).mkdir(parents=True, exist_ok=True)

DEBUG = env.flag("WINNOW_DEBUG")


def _secret(name: str) -> str:
    """A key from the environment, else one made at first start and kept in var/, outside the database."""
    given = env.text(name)
    if given:
        return given
    kept = VAR / f"{name.lower()}.key"
    if not kept.exists():
        # Written whole under another name, then linked: two processes that start together agree on one.
        draft = kept.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(draft, kept)
        draft.unlink()
    return kept.read_text().strip()


SECRET_KEY = _secret("WINNOW_SECRET_KEY")
WINNOW_LINK_KEY = _secret("WINNOW_LINK_KEY")  # signs tracking links; changing it revokes them all
ALLOWED_HOSTS = [*env.list("WINNOW_HOSTS"), "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.list("WINNOW_TRUSTED_ORIGINS")
TRUSTED_PROXIES = env.number("WINNOW_TRUSTED_PROXIES", 0)

DATABASES = {"default": database(env.text("DATABASE_URL", f"sqlite:///{VAR / 'winnow.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "engagement.User"

REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "config.cache.FailOpenRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},  # a page never waits longer for it
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
# Sessions and rate limits live in the database, so that losing the cache signs nobody out.
SESSION_ENGINE = "config.sessions"

# --- Application ---------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config.apps.WinnowAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "js_lib_leaflet",
    "csp",
    "axes",
    "engagement",
    "prioritisation",
    "config.apps.WinnowConfig",
]

MIDDLEWARE = [
    "config.logs.requests.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.SafetyHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "engagement.context.city",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Signing in ----------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_CLIENT_IP_CALLABLE = "engagement.client.client_address"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
LOGIN_URL = "admin:login"
WINNOW_SESSION_IDLE_MINUTES = env.number("WINNOW_SESSION_IDLE_MINUTES", 120)
WINNOW_SESSION_HOURS = env.number("WINNOW_SESSION_HOURS", 12)
SESSION_COOKIE_AGE = WINNOW_SESSION_HOURS * 3600

# A second factor, passkeys, the city's own sign-on: an extra (config/signon, requirements/signon.txt).
WINNOW_SIGNON = env.flag("WINNOW_SIGNON")
WINNOW_REQUIRE_SECOND_FACTOR = env.flag("WINNOW_REQUIRE_SECOND_FACTOR")
_openid = signon.OpenID(
    url=env.text("WINNOW_OIDC_URL").rstrip("/"),
    client_id=env.text("WINNOW_OIDC_CLIENT_ID"),
    secret=env.text("WINNOW_OIDC_CLIENT_SECRET"),
    name=env.text("WINNOW_OIDC_NAME"),
)
signon.check(signon=WINNOW_SIGNON, second_factor=WINNOW_REQUIRE_SECOND_FACTOR, openid=_openid)
if WINNOW_SIGNON:
    INSTALLED_APPS[-1:-1] = signon.APPS
    MIDDLEWARE += signon.MIDDLEWARE
    AUTHENTICATION_BACKENDS.append("allauth.account.auth_backends.AuthenticationBackend")
    SESSION_ENGINE = "config.signon.sessions"
    LOGIN_URL = "account_login"
    AXES_USERNAME_FORM_FIELD = "login"
    _https = WINNOW_BASE_URL.startswith("https://")
    globals().update(signon.options(city=WINNOW_CITY_NAME, https=_https, openid=_openid))

# --- Language and time ---------------------------------------------------------------------------
KNOWN_LANGUAGES = {"en": _("English"), "fr": _("French")}
_chosen = env.list("WINNOW_LANGUAGES", "en,fr")
if not _chosen or any(code not in KNOWN_LANGUAGES for code in _chosen):
    raise SettingError(f"WINNOW_LANGUAGES: choose from {', '.join(KNOWN_LANGUAGES)}")
LANGUAGE_CODE = _chosen[0]
LANGUAGES = [(code, KNOWN_LANGUAGES[code]) for code in _chosen]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("WINNOW_TIME_ZONE", "America/Toronto")

# --- Files ---------------------------------------------------------------------------------------
WINNOW_BACKUP_FOLDER = Path(env.text("WINNOW_BACKUP_FOLDER", str(VAR / "backups")))
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("WINNOW_STATIC_ROOT", str(VAR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# --- Mail ----------------------------------------------------------------------------------------
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.number("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend" if EMAIL_HOST else "config.mail.FolderBackend"
EMAIL_FILE_PATH = VAR / "mail"
# Mails as files can be read at /dev/mail, from this machine only, where the data is nobody's.
WINNOW_SHOW_MAIL = env.flag("WINNOW_SHOW_MAIL", default=DEBUG or WINNOW_DEMONSTRATION) and not EMAIL_HOST
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"{WINNOW_CITY_NAME} <{WINNOW_CONTACT_EMAIL}>")

# --- Worker --------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", REDIS_URL or "filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR / "broker/messages"),
        "data_folder_out": str(VAR / "broker/messages"),
        "processed_folder": str(VAR / "broker/processed"),
        "control_folder": str(VAR / "broker"),
        "store_processed": True,
        "polling_interval": 0.1,
    }
else:
    # Telling the broker must never hold a page up: one short try, the timetable does the rest.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_timeout": 2,
        "socket_connect_timeout": 1,
        "max_retries": 0,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
WINNOW_JOB_LEASE = env.number("WINNOW_JOB_LEASE", 30)
if not 1 <= WINNOW_JOB_LEASE <= 3600:
    raise SettingError(f"WINNOW_JOB_LEASE={WINNOW_JOB_LEASE}: from 1 to 3600 seconds")
CELERY_BEAT_SCHEDULE = timetable(lease=WINNOW_JOB_LEASE)
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "broker/beat")

# --- Safety --------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Tiles of another server only where the city names one.
        "img-src": [SELF, "data:", *(["/".join(_tiles.split("/")[:3])] if _tiles[:5] == "https" else [])],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF, *([_openid.origin] if _openid.url else [])],
        "frame-ancestors": [NONE],
    },
}
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.hiding.HidingFilter"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # a tracking link must not leak to other sites
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
_https = WINNOW_BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
CSRF_FAILURE_VIEW = "config.views.errors.csrf_failure"
SECURE_SSL_REDIRECT = env.flag("WINNOW_SSL_REDIRECT", default=_https)
SECURE_REDIRECT_EXEMPT = [r"^healthz"]  # asked from inside, without the proxy
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- API -----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Winnow",
    "DESCRIPTION": "Ideas, plans and how each plan came about. Public and read-only.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "engagement.api.errors.describe_errors",
    ],
    "ENUM_NAME_OVERRIDES": {"DecisionOutcome": "prioritisation.models.Decision.OUTCOMES"},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "defaultModelsExpandDepth": -1},
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- What Winnow keeps to ------------------------------------------------------------------------
WINNOW_EXPORT_INLINE_ROWS = 2_000

WINNOW_DEPARTMENT_MAIL_HOUR = env.number("WINNOW_DEPARTMENT_MAIL_HOUR", 7)
"""From which hour on working days departments are mailed what is new of their problem reports."""
if not 0 <= WINNOW_DEPARTMENT_MAIL_HOUR <= 23:
    raise SettingError(f"WINNOW_DEPARTMENT_MAIL_HOUR={WINNOW_DEPARTMENT_MAIL_HOUR}: an hour from 0 to 23")
WINNOW_REMINDER_DAYS = env.number("WINNOW_REMINDER_DAYS", 5)
WINNOW_REMINDER_BEFORE_DAYS = env.number("WINNOW_REMINDER_BEFORE_DAYS", 3)
if not 1 <= WINNOW_REMINDER_DAYS <= 60:
    raise SettingError(f"WINNOW_REMINDER_DAYS={WINNOW_REMINDER_DAYS}: from 1 to 60 days")
if not 0 <= WINNOW_REMINDER_BEFORE_DAYS <= 60:
    raise SettingError(f"WINNOW_REMINDER_BEFORE_DAYS={WINNOW_REMINDER_BEFORE_DAYS}: from 0 to 60 days")

_log_format = env.text("WINNOW_LOG_FORMAT", "plain")
if _log_format not in {"json", "plain"}:
    raise SettingError(f"WINNOW_LOG_FORMAT={_log_format}: expected json or plain")
LOGGING = logs.configuration(format=_log_format, level=env.text("WINNOW_LOG_LEVEL", "INFO"))
