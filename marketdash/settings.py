"""All that can be set, read once from the environment; ``docs/configuration.md`` explains each name."""

from __future__ import annotations

import sys
from pathlib import Path

from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL
from django.templatetags.static import static

from marketdash.environment import (
    LOG_LEVELS,
    MODES,
    SIGN_UPS,
    Environment,
    is_loopback,
    made_folder,
)
from marketdash.kept_secrets import kept_secret, signing_key
from marketdash.logs import LOG_FORMATS, configuration

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DEBUG = env.flag("DEBUG", default=False)
LOG_FORMAT = env.choice("LOG_FORMAT", LOG_FORMATS, "auto")
LOG_LEVEL = env.choice("LOG_LEVEL", LOG_LEVELS, "INFO")
METRICS_TOKEN = env.secret("METRICS_TOKEN")
MODE = env.choice("MODE", MODES, "live")
BIND_HOST, BIND_PORT = env.address("BIND", "127.0.0.1:8000")
BARS_RETENTION_DAYS = env.number("BARS_RETENTION_DAYS", 30, low=1, high=36_500)
BUS_SHARDS = env.number("BUS_SHARDS", 4, low=1, high=64)
EVENT_LOG_DAYS = env.number("EVENT_LOG_DAYS", 90, low=1, high=3650)
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", int(BEHIND_PROXY), low=0, high=9)
HTTPS = env.flag("HTTPS", default=BEHIND_PROXY)
PUBLIC_MARKETS = env.flag("PUBLIC_MARKETS", default=is_loopback(BIND_HOST))
WEB_PROCESSES = env.number("WEB_PROCESSES", 1, low=1, high=64)
VENUE_URLS = env.venue_urls()
VENUE_KEYS = env.venue_keys()
VENUE_FEEDS = env.venue_feeds()

SENTRY_DSN = env.secret("SENTRY_DSN")
OTEL_EXPORTER_OTLP_ENDPOINT = env.text("OTEL_EXPORTER_OTLP_ENDPOINT") and env.url(
    "OTEL_EXPORTER_OTLP_ENDPOINT", ("http", "https"), ""
)

SECRET_KEY = env.secret("SECRET_KEY") or kept_secret(DATA_DIR / "secret_key", "SECRET_KEY", signing_key)
FIELD_ENCRYPTION_KEYS = env.field_keys("FIELD_ENCRYPTION_KEYS", DATA_DIR / "field_keys")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]", BIND_HOST]
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    # A quarter of the start of every command, which `runserver` alone has a use for.
    *(["daphne"] if sys.argv[1:2] == ["runserver"] else []),
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "import_export",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "marketdash.instruments",
    "marketdash.history",
    "marketdash.live",
    "marketdash.accounts",
    "marketdash.options",
    "marketdash.dashboards",
    "marketdash.portfolios",
    "marketdash.ops",
]

MIDDLEWARE = [
    "marketdash.ops.loopback.before_security",
    "django.middleware.security.SecurityMiddleware",
    "marketdash.ops.loopback.behind_security",
    "servestatic.middleware.ServeStaticMiddleware",
    "marketdash.ops.middleware.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "marketdash.accounts.middleware.display",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "marketdash.ops.middleware.UnusableLookupMiddleware",
]

ROOT_URLCONF = "marketdash.urls"
ASGI_APPLICATION = "marketdash.asgi.application"

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
                "csp.context_processors.nonce",
                "marketdash.ops.context.mode",
                "marketdash.options.context.options",
            ],
        },
    },
]

_database = env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'marketdash.sqlite3'}")
if _database["ENGINE"] == "django.db.backends.sqlite3":
    made_folder(Path(str(_database["NAME"])).parent)
    # IMMEDIATE: a deferred transaction that reads and then writes fails at once, whatever the timeout.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.secret("REDIS_URL") or "redis://127.0.0.1:6379/0"
# Without these redis-py stays deaf for half a minute after a host that vanished.
REDIS_OPTIONS = {"protocol": 2, "socket_timeout": 2, "socket_connect_timeout": 1, "health_check_interval": 1}
REDIS_HOSTS = env.redis_hosts("REDIS_URL", REDIS_URL, REDIS_OPTIONS)
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "marketdash.live.layer.BurstLayer",
        "CONFIG": {"hosts": REDIS_HOSTS},
    },
}

# What all processes count together: failed sign-ins. Behind Sentinels each counts alone.
_alone = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "OPTIONS": {"MAX_ENTRIES": 50_000},  # 300 else, and whoever guesses from more addresses is forgotten
}
_shared = {
    "BACKEND": "marketdash.accounts.cache.SharedCache",
    "LOCATION": REDIS_HOSTS[0].get("address"),
    "KEY_PREFIX": "marketdash",
    "OPTIONS": {name: REDIS_OPTIONS[name] for name in ("socket_timeout", "socket_connect_timeout")},
}
CACHES = {"default": _shared if _shared["LOCATION"] else _alone}

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

SIGN_UP = env.choice("SIGN_UP", SIGN_UPS, "closed")
ACCOUNT_ADAPTER = "marketdash.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # no mail server is needed, so none is asked
ACCOUNT_UNIQUE_EMAIL = False  # nobody signs in by it, and a refusal would say who has an account
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {  # no more than ten guesses in a quarter of an hour, wherever they come from
    "login_failed": "10/m/ip,5/5m/key,10/15m/key",
    "change_password": "5/m/user,10/15m/user",  # nosec B105 # a rate
}
ACCOUNT_FORMS = {
    "login": "marketdash.accounts.forms.LoginForm",
    "signup": "marketdash.accounts.forms.SignupForm",
    "change_password": "marketdash.accounts.forms.ChangePasswordForm",  # nosec B105 # a class
    "set_password": "marketdash.accounts.forms.SetPasswordForm",  # nosec B105 # a class
    "reauthenticate": "marketdash.accounts.forms.PasswordAgainForm",
}
MFA_ADAPTER = "marketdash.accounts.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs in by it
MFA_TOTP_ISSUER = "Marketdash"
MFA_FORMS = {
    "add_webauthn": "marketdash.accounts.passkeys.AddForm",
    "edit_webauthn": "marketdash.accounts.passkeys.RenameForm",
    "authenticate_webauthn": "marketdash.accounts.passkeys.AuthenticateForm",
    "login_webauthn": "marketdash.accounts.passkeys.LoginForm",
    "reauthenticate_webauthn": "marketdash.accounts.passkeys.ReauthenticateForm",
    "authenticate": "marketdash.accounts.forms.CodeForm",
    "reauthenticate": "marketdash.accounts.forms.CodeAgainForm",
    "activate_totp": "marketdash.accounts.forms.FirstCodeForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = 0  # REMOTE_ADDR is the client's already: marketdash.asgi
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = DEBUG
SERVESTATIC_MAX_AGE = 0 if DEBUG else 60

SESSION_ENGINE = "marketdash.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# All but by the names of this machine: marketdash/ops/loopback.py.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# Whoever is asked directly may not say of himself that he came by TLS.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
    },
}
# The admin's Alpine compiles its expressions with Function(); static/js/admin/policy.js says what else may.
ADMIN_CONTENT_SECURITY = {"script-src": [SELF, NONCE, UNSAFE_EVAL], "trusted-types": ["default"]}

UNFOLD = {
    "SITE_TITLE": "Marketdash",
    "SITE_HEADER": "Marketdash",
    "SITE_SYMBOL": "candlestick_chart",
    "SHOW_HISTORY": True,
    "ENVIRONMENT": "marketdash.ops.context.simulated",
    "COLORS": lambda request: {},  # no style element in the page: css/palette.css has them
    "STYLES": [lambda request: static("css/palette.css")],
    "SCRIPTS": [lambda request: static("js/admin/policy.js")],
}

LOGGING_CONFIG = "marketdash.logs.apply"
LOGGING = configuration(LOG_LEVEL, LOG_FORMAT)
