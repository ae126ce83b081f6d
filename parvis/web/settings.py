"""Django's settings. What an installation may choose comes from `core.runtime.env`; the rest is decided here."""

from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from parvis.core.runtime import env

DEBUG = env.flag("PARVIS_DEBUG")
SECRET_KEY = env.get("PARVIS_SECRET_KEY")
ORIGIN = env.get("PARVIS_ORIGIN").rstrip("/")
STREAM_URL = env.get("PARVIS_STREAM_URL").rstrip("/")
_origin = urlsplit(ORIGIN)
IS_SECURE = _origin.scheme == "https"
IS_LOOPBACK = env.get("PARVIS_HOST") in env.LOOPBACK
# The machine itself always may ask: the supervisor and probes ask /readyz by its loopback name.
ALLOWED_HOSTS = [_origin.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
DATA = env.data_folder()

ROOT_URLCONF = "parvis.web.urls"
WSGI_APPLICATION = "parvis.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": env.database(env.get("DATABASE_URL"))}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 20_000}}}

INSTALLED_APPS = [
    "parvis.web",
    "parvis.steering.networks",
    "parvis.steering.measures",
    "parvis.exchange.demo",
    "parvis.exchange.imports",
    "parvis.experience.home",
    "parvis.experience.live",
    "parvis.experience.notify",
    "parvis.work.communities",
    "parvis.work.conversations",
    "parvis.insight.search",
    "parvis.core.ui",
    "parvis.core.mail",
    "parvis.core.files",
    "parvis.core.items",
    "parvis.core.people",
    "parvis.core.runtime",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "template_partials",
]

MIDDLEWARE = [
    "parvis.web.counting.CountingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "parvis.core.people.tablet.SharedTabletMiddleware",
    "parvis.web.middleware.ViewerMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "parvis.web.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "parvis.core.ui.forms.Renderer"

# Language, time
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = IS_SECURE

# Sign-in
AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "parvis.core.people.backends.CodeBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "parvis.core.people.adapter.Adapter"
ACCOUNT_USER_DISPLAY = lambda account: account.email or ""  # noqa: E731
ACCOUNT_FORMS = {
    "login": "parvis.core.people.door_forms.SignInForm",
    "signup": "parvis.core.people.door_forms.SignUpForm",
    "add_email": "parvis.core.people.door_forms.AddAddressForm",
    "change_email": "parvis.core.people.door_forms.OtherAddressForm",
    "change_password": "parvis.core.people.door_forms.ChangePasswordForm",
    "set_password": "parvis.core.people.door_forms.SetPasswordForm",
    "reset_password": "parvis.core.people.door_forms.AskPasswordForm",
    "reset_password_from_key": "parvis.core.people.door_forms.NewPasswordForm",
    "reauthenticate": "parvis.core.people.door_forms.IsItYouForm",
    "confirm_email_verification_code": "parvis.core.people.door_forms.MailedCodeForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = False  # a mailed link instead: core.people
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60  # seconds
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"login_failed": "100/10m/ip,30/h/key"}  # axes counts who and from where, much closer
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _origin.scheme
MFA_ADAPTER = "parvis.core.people.second_steps.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "parvis.core.people.door_forms.SecondStepForm",
    "reauthenticate": "parvis.core.people.door_forms.SecondStepAgainForm",
    "activate_totp": "parvis.core.people.door_forms.BeginSecondStepForm",
    "add_webauthn": "parvis.core.people.door_forms.PasskeyForm",
    "edit_webauthn": "parvis.core.people.door_forms.RenamePasskeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_SECURE
USERSESSIONS_TRACK_ACTIVITY = False
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "parvis.core.people.limits.who_tries"
AXES_CLIENT_IP_CALLABLE = "parvis.core.people.limits.client_address"
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_SENSITIVE_PARAMETERS = ["password", "code", "login", "number"]
AXES_DISABLE_ACCESS_LOG = True
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = ["axes.W006"]

# Cookies and headers
SESSION_COOKIE_NAME = "parvis_session"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_SECURE
CSRF_COOKIE_NAME = "parvis_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = IS_SECURE
CSRF_TRUSTED_ORIGINS = [ORIGIN]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_SECURE else None
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if IS_SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF, *([STREAM_URL] if not STREAM_URL.startswith(ORIGIN + "/") else [])],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
        "worker-src": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# Static files
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # uploads go to core.files, never here
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

# Search
SEARCH_INDEX = DATA / "index"

# Mail
EMAIL_BACKEND = "parvis.core.mail.backend.QueuedBackend"
DEFAULT_FROM_EMAIL = env.get("PARVIS_MAIL_FROM")

# Jobs
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "parvis.core.runtime.logs.LineFormatter"}},
    "filters": {"without_secrets": {"()": "parvis.core.runtime.logs.WithoutSecrets"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_secrets"]}},
    "root": {"handlers": ["stderr"], "level": env.get("PARVIS_LOG").upper()},
    "loggers": {"django.server": {"level": "WARNING"}, "axes": {"level": "WARNING"}},
}
