"""Django's settings, all derived from the installation; nothing here reads the environment itself."""

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from madoguchi.config import installation

INSTALLATION = installation.load()
PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = INSTALLATION.secrets.django_key
DEBUG = INSTALLATION.debug
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
if INSTALLATION.public_address:
    ALLOWED_HOSTS.append(INSTALLATION.public_address)

ROOT_URLCONF = "madoguchi.config.urls"
ASGI_APPLICATION = "madoguchi.config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rooms with tables, lowest first: foreign keys point down this list only (bin/check).
ROOMS = [
    "ledger",
    "switchboard",
    "people",
    "trunks",
    "clients",
    "roster",
    "agents",
    "customers",
    "contacts",
    "cases",
    "prompts",
    "queues",
    "flows",
    "calls",
    "planning",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    *(f"madoguchi.domain.{room}" for room in ROOMS),
]
MIDDLEWARE = [
    "madoguchi.screens.parts.files_out.in_pieces",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "madoguchi.screens.parts.access.in_their_language",
    "madoguchi.screens.parts.plain_text.refuse_nul",
    "madoguchi.screens.parts.log_in.password_first",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
SCREENS = ["parts", "desk", "floor", "office", "reports", "planning", "portal"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "screens" / screen / "templates" for screen in SCREENS],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {
                "parts": "madoguchi.screens.parts.tags",
                "desk": "madoguchi.screens.desk.tags",
                "calls": "madoguchi.screens.parts.call_tags",
                "floor": "madoguchi.screens.floor.tags",
                "reports": "madoguchi.screens.reports.tags",
            },
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    }
]

# Database -----------------------------------------------------------------------------------------


def _database() -> dict[str, object]:
    """Where Django finds PostgreSQL: the embedded one's socket, or the server that DATABASE_URL names."""
    shared: dict[str, object] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": "madoguchi_test"},
    }
    # A database that was away is tried again within a second of its return: the pool's own pauses double.
    pool: object = {"min_size": 1, "max_size": INSTALLATION.pool_max, "timeout": 10, "reconnect_timeout": 1}
    if INSTALLATION.pool_max == 0:
        # Each thread keeps a connection: for commands, and for control, whose few threads must not queue
        # for a pool while the database is away.
        pool = False
        shared["CONN_MAX_AGE"] = None
    if INSTALLATION.database_url is None:
        return shared | {
            "HOST": str(INSTALLATION.postgres_socket),
            "NAME": "madoguchi",
            "USER": "madoguchi",
            "PASSWORD": INSTALLATION.secrets.database_password,
            "OPTIONS": {"pool": pool},
        }
    url = urlsplit(INSTALLATION.database_url)
    return shared | {
        "HOST": url.hostname or "",
        "PORT": str(url.port or ""),
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "OPTIONS": {"pool": pool, **dict(parse_qsl(url.query))},
    }


DATABASES = {"default": _database()}

# People -------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "madoguchi.screens.parts.log_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
# The two halves: one wrong guesser is slowed for one name, and one address for all names.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
# Where allauth counts them: in the database, so that several web processes count together.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "people_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
MFA_ADAPTER = "madoguchi.screens.parts.log_in.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = "Madoguchi"
USERSESSIONS_TRACK_ACTIVITY = True

# Browser safety -----------------------------------------------------------------------------------

SESSION_COOKIE_NAME = "madoguchi_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = INSTALLATION.secure
SESSION_COOKIE_AGE = 14 * 3600  # a long shift; the next day begins with a log-in
CSRF_COOKIE_NAME = "madoguchi_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = INSTALLATION.secure
CSRF_TRUSTED_ORIGINS = (
    [
        f"https://{INSTALLATION.public_address}",
        f"https://{INSTALLATION.public_address}:{INSTALLATION.http_port}",
    ]
    if INSTALLATION.secure and INSTALLATION.public_address
    else []
)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if INSTALLATION.secure else 0
if INSTALLATION.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        # The telephone's WebSocket has the pages' own origin: the gate relays it.
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# Language, time, files ----------------------------------------------------------------------------

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
LANGUAGE_COOKIE_NAME = "madoguchi_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = INSTALLATION.time_zone
STATIC_URL = "/static/"
STATICFILES_DIRS = [
    folder for folder in (PACKAGE / "screens" / screen / "static" for screen in SCREENS) if folder.exists()
]
STATIC_ROOT = INSTALLATION.run / "static"
# Served straight from the package: no collecting step stands between an upgrade and its first page.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = INSTALLATION.uploads

# Jobs and log -------------------------------------------------------------------------------------

PROCRASTINATE_ON_APP_READY = None
# A room keeps its jobs in `jobs.py`; the worker finds them there.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"procrastinate": {"level": "WARNING"}, "aiohttp.access": {"level": "WARNING"}},
}
