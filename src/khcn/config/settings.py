"""Django settings. What differs between installations comes from :class:`khcn.config.env.Env`; the rest is here."""

from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from khcn.config.databases import database_settings
from khcn.config.env import Env
from khcn.config.mail import mail_settings

KHCN = Env()
KHCN.prepare()
PACKAGE_DIR = Path(__file__).resolve().parents[1]

SECRET_KEY = KHCN.read_secret_key()
DEBUG = KHCN.debug
ALLOWED_HOSTS = KHCN.hosts
SITE_ID = 1

INSTALLED_APPS = [
    "khcn.web",
    "khcn.library",
    "khcn.markets",
    "khcn.energy",
    "khcn.plan",
    "khcn.programmes",
    "khcn.orgs",
    "khcn.ui",
    "khcn.core",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "rules",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "modelsearch",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "khcn.config.middleware.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "khcn.orgs.middleware.RequestMemoryMiddleware",
    "khcn.orgs.middleware.AccountStateMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "khcn.config.urls"
WSGI_APPLICATION = "khcn.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "khcn.web.context.site",
            ],
        },
    },
]

DATABASES = {"default": database_settings(KHCN.database_url, KHCN.data_dir)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "orgs.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "rules.permissions.ObjectPermissionBackend",
    # Also Django's permissions: it derives from ModelBackend. Both at once would hash each wrong password twice.
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
        "OPTIONS": {"min_length": KHCN.password_min_length},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/ban-lam-viec/"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 8 * 3600  # seconds; the link also dies with its first use

ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to addresses that nobody here has
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False if KHCN.level2 else None
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
# The account's lock is axes' (5 failures for a name at an address); these slow down guessing from many places.
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,30/900s/key"}
ACCOUNT_FORMS = {
    "login": "khcn.orgs.account_forms.LoginForm",
    "reset_password": "khcn.orgs.account_forms.ResetPasswordForm",
    "reset_password_from_key": "khcn.orgs.account_forms.ResetPasswordKeyForm",
    "change_password": "khcn.orgs.account_forms.ChangePasswordForm",
    "set_password": "khcn.orgs.account_forms.SetPasswordForm",
    "reauthenticate": "khcn.orgs.account_forms.ReauthenticateForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if KHCN.trust_proxy else 0
ACCOUNT_ADAPTER = "khcn.orgs.adapters.ClosedAccountAdapter"
SOCIALACCOUNT_ADAPTER = "khcn.orgs.adapters.ClosedSocialAccountAdapter"
# An outside identity opens the account with the same address, when the provider says the address is verified.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form may not lead to another origin under our Content-Security-Policy
MFA_ADAPTER = "khcn.orgs.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "khcn.orgs.account_forms.CodeForm",
    "reauthenticate": "khcn.orgs.account_forms.CodeAgainForm",
    "activate_totp": "khcn.orgs.account_forms.ActivateCodeForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are kept by the administrator
MFA_TOTP_TOLERANCE = 1  # steps of 30 s: phones' clocks are not exact
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SOCIALACCOUNT_PROVIDERS: dict[str, object] = {}
if KHCN.oidc_server and KHCN.oidc_client_id:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": KHCN.oidc_name or "OpenID Connect",
                "client_id": KHCN.oidc_client_id,
                "secret": KHCN.oidc_client_secret.get_secret_value() if KHCN.oidc_client_secret else "",
                "settings": {"server_url": KHCN.oidc_server},
            }
        ]
    }

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours; khcn.orgs.signin.LOCK_TIME tells people
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "khcn.orgs.account_views.locked"
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "khcn.orgs.signin.counted_name"
AXES_CLIENT_IP_CALLABLE = "khcn.orgs.signin.client_ip"
AXES_SENSITIVE_PARAMETERS = ["login", "username", "ip_address"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = (
    False  # the page says how long; trying again does not lengthen it
)
AXES_VERBOSE = False

LANGUAGE_CODE = KHCN.language
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

STATIC_URL = "/static/"
STATIC_ROOT = KHCN.data_dir / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = KHCN.files_dir
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = KHCN.debug
WHITENOISE_MAX_AGE = 3600
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_TEMP_DIR = KHCN.data_dir / "spool"
DATA_UPLOAD_MAX_NUMBER_FILES = 200

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "documents"]}}

EMAIL_BACKEND, _MAIL = mail_settings(KHCN)
globals().update(_MAIL)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = KHCN.email_from

WAGTAIL_SITE_NAME = "khcn"
WAGTAILADMIN_BASE_URL = KHCN.base_url
WAGTAIL_FRONTEND_LOGIN_URL = "/tai-khoan/dang-nhap/"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILADMIN_PERMITTED_LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "xlsx", "pptx", "odt", "txt", "csv"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
TAGGIT_CASE_INSENSITIVE = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "khcn.web.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
if KHCN.production:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
if KHCN.trust_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"khcn": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
