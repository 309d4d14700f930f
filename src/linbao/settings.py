"""Settings: read from `LINBAO_…` environment variables only (design §6).

`ENV` names every variable once, with its default and what it does; the README's table and `linbao doctor` are made
from the same list.
"""

from __future__ import annotations

import base64
import os
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF

from linbao.platform.observability.logging import configure

ENV: dict[str, tuple[str, str]] = {
    "DATABASE_URL": ("", "PostgreSQL 15+；空则在数据目录内自带运行"),
    "DATA_DIR": ("./var", "数据目录：数据库、文件、密钥、日志"),
    "SECRET_KEY": ("", "会话与链接签名密钥；空则首次启动时生成于数据目录"),
    "KEYS": (
        "",
        "包裹数据密钥的密钥，逗号分隔，第一个为当前：base64（32 字节）、file:/路径 或 vault+https://主机:8200/transit/密钥名；空则生成于数据目录",
    ),
    "KMS_TOKEN": ("", "密钥服务的令牌（也可在网址中写 ?token_file=/路径）"),
    "BACKUP_TO": ("", "备份去处：文件夹或 s3://键:密@桶/前缀?endpoint=…；设了就每天自动备份"),
    "BACKUP_KEEP": ("7,4,6", "保留几份备份：每天、每周、每月各几份"),
    "BACKUP_KEY": ("", "备份密钥：AGE-SECRET-KEY-1…（linbao keys backup-key）或 file:/路径；空则用打印的恢复密钥"),
    "BASE_URL": ("http://127.0.0.1:8000", "对外网址，用于邮件、二维码和回访链接"),
    "SMTP_URL": (
        "",
        "smtp://用户:口令@主机:端口、smtps://…（证书不能核对的加 ?verify=no），或 file:目录；空则写入数据目录 mail/",
    ),
    "MAIL_FROM": ("linbao@localhost", "发件地址，可带名称：邻报 <linbao@example.cn>"),
    "MAIL_MAX_MB": ("10", "一封邮件最大多少 MB（附件编码后），单位可另设；超过的附件改为链接"),
    "FILES_URL": ("", "s3://键:密@桶?endpoint=…；空则存于数据目录 files/"),
    "TIMESTAMP_URL": ("", "外部时间戳服务（RFC 3161）；空则用本系统自有的时间戳"),
    "NOTIFY_HOSTS": ("", "允许通知渠道访问的内网主机名，逗号分隔"),
    "NOTIFY_URLS": ("", "全局告警渠道（Apprise 网址），空格分隔"),
    "TIME_ZONE": ("Asia/Shanghai", "默认时区"),
    "LANGUAGE": ("zh-hans", "默认界面语言：zh-hans 或 en"),
    "TRUSTED_PROXIES": ("", "可信反向代理地址（逗号分隔），取其 X-Forwarded-For；也可读取 /metrics"),
    "LOG_FORMAT": ("json", "日志格式：json 或 text"),
    "SECURITY_LOG": ("", "安全事件日志文件（JSON，供 fail2ban 与日志外送读取）；空则为数据目录 log/security.log"),
    "HOST_REPORT": (
        "",
        "主机防护的报告（JSON，由 deploy/host_report.py 每分钟写入，只须可读）；空则为数据目录 host/report.json",
    ),
    "RATE_LIMITS": (
        "",
        "每分钟请求上限，如 address=30000,token=30000,account=6000,refused=300,public=240；空则为默认值",
    ),
    "AUDIT_MAIL": ("", "每日收取审计日志的根的邮箱，逗号分隔；全局审计员另会收到"),
    "AUDIT_YEARS": ("3", "审计日志保存年数，不少于 3"),
    "CLAMD": ("", "ClamAV 的套接字：unix:/run/clamav/clamd.ctl 或 tcp://主机:3310；空则不查毒"),
    "CLAMD_DOWN": ("refuse", "查毒服务不可用时：refuse 拒收上传，accept 照常接收并记录"),
    "BOX_MB": ("640", "解码外来文件（照片、表格、模板、PDF）的子进程合计最多占用多少 MB 内存"),
    "DEMO": ("", "1 表示演示模式：登录页显示演示账号（由 serve --demo 设置）"),
}


def env(name: str) -> str:
    return os.environ.get(f"LINBAO_{name}", "") or ENV[name][0]


DATA_DIR = Path(env("DATA_DIR")).resolve()


def _stored(name: str, make: str) -> str:
    """A secret kept in the data directory: made at first use, readable by its owner only."""
    path = DATA_DIR / "secrets" / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
                f.write(make)
        except FileExistsError:  # another process was first
            return path.read_text().strip()
        return make


SECRET_KEY = env("SECRET_KEY") or _stored("secret_key", secrets.token_urlsafe(48))
KEYS = env("KEYS") or _stored(
    "keys", base64.b64encode(secrets.token_bytes(32)).decode()
)  # read by platform/encryption/wrapping.py
KMS_TOKEN = env("KMS_TOKEN")
BACKUP_TO, BACKUP_KEEP, BACKUP_KEY = env("BACKUP_TO"), env("BACKUP_KEEP"), env("BACKUP_KEY")
FILES_URL = env("FILES_URL")
TIMESTAMP_URL = env("TIMESTAMP_URL")
NOTIFY_HOSTS = frozenset(h.strip() for h in env("NOTIFY_HOSTS").split(",") if h.strip())
NOTIFY_URLS = env("NOTIFY_URLS").split()
SMTP_URL = env("SMTP_URL")
MAIL_FROM = env("MAIL_FROM")
MAIL_MAX_MB = int(env("MAIL_MAX_MB"))
BASE_URL = env("BASE_URL").rstrip("/")
DEMO = env("DEMO") == "1"
DEBUG = False
_base = urlsplit(BASE_URL)
ALLOWED_HOSTS = (
    ["*"] if _base.hostname in ("127.0.0.1", "localhost") else [_base.hostname or "", "127.0.0.1", "localhost"]
)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
AUDIT_MAIL = [a.strip() for a in env("AUDIT_MAIL").split(",") if a.strip()]
AUDIT_YEARS = int(env("AUDIT_YEARS") or 3)
CLAMD, CLAMD_DOWN = env("CLAMD"), env("CLAMD_DOWN")
BOX_MB = int(env("BOX_MB"))
SECURITY_LOG = env("SECURITY_LOG") or str(DATA_DIR / "log" / "security.log")
HOST_REPORT = env("HOST_REPORT") or str(DATA_DIR / "host" / "report.json")
RATE_LIMITS = env("RATE_LIMITS")
TRUSTED_PROXIES = [a.strip() for a in env("TRUSTED_PROXIES").split(",") if a.strip()]


def database(url: str) -> dict[str, object]:
    """Django's settings for a `postgresql://user:password@host:port/name?host=/socket` URL."""
    parts = urlsplit(url)
    query = {k: v[0] for k, v in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or "") or query.pop("user", ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": {
            **query,
            # Prepared statements: the planner works once per connection, not once per request.
            "server_side_binding": True,
            "prepare_threshold": 3,
            "pool": {"min_size": 0, "max_size": 8, "timeout": 10},
            "options": "-c statement_timeout=30s -c idle_in_transaction_session_timeout=60s",
        },
    }


DATABASES = {"default": database(env("DATABASE_URL") or f"postgresql://postgres@/linbao?host={DATA_DIR / 'postgres'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "rules",
    "django_htmx",
    "procrastinate.contrib.django",
    "linbao.platform",
    "linbao.organisation",
    "linbao.audit",
    "linbao.documents",
    "linbao.outbox",
    "linbao.accounts",
    "linbao.duties",
    "linbao.items",
    "linbao.emergencies",
    "linbao.weekly_reports",
    "linbao.review",
    "linbao.handling",
    "linbao.archive",
    "linbao.compliance",
    "linbao.security",
    "linbao.confidentiality",
    "linbao.training",
    "linbao.appraisal",
    "linbao.conduct",
    "linbao.management",
    "linbao.shell",
]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # stands only where `behind_proxies` leaves it
MIDDLEWARE = [
    "linbao.platform.server.middleware.behind_proxies",
    "linbao.platform.server.middleware.request_log",
    "linbao.platform.server.middleware.headers",
    "linbao.platform.server.compression.compressed",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "linbao.platform.protection.guard.Guard",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "linbao.platform.server.middleware.readable",
    "django.middleware.csrf.CsrfViewMiddleware",
    "linbao.accounts.signed_in.signed_in",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "linbao.accounts.middleware.known_browser",
    "linbao.accounts.middleware.own_language",
    "linbao.accounts.middleware.first_password",
    "linbao.accounts.middleware.same_person",
    "linbao.confidentiality.agreements.gate.agreement_first",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "linbao.platform.server.middleware.ProblemPages",
]
ROOT_URLCONF = "linbao.urls"
WSGI_APPLICATION = "linbao.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "shell" / "templates"],  # before allauth's own pages
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "linbao.shell.context.shell",
            ]
        },
    }
]

FILE_UPLOAD_HANDLERS = [
    "linbao.core.uploads.Capped",
    "linbao.platform.protection.antivirus.Scanned",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

AUTH_USER_MODEL = "organisation.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["linbao.platform.encryption.passwords.PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
]

# Sign-in: by username, accounts are made by an administrator, no mail is needed (accounts/adapter.py).
ACCOUNT_ADAPTER = "linbao.accounts.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PRESERVE_USERNAME_CASING = False  # usernames are lower case
ACCOUNT_SESSION_REMEMBER = None  # the person is asked
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
# Offices share one address: generous by address, since axes below counts per person and address.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "60/m/ip",
    "second_step": "6/10m/key",  # of one person, from wherever
    "change_password": "10/m/user",
    "reauthenticate": "10/m/user",
    "signup": False,
    "reset_password": False,
}
MFA_FORMS = {
    "authenticate": "linbao.accounts.forms.SecondStepForm",
    "reauthenticate": "linbao.accounts.forms.SecondStepAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Linbao"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = _base.hostname in ("127.0.0.1", "localhost")
USERSESSIONS_TRACK_ACTIVITY = False  # else every request would write
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = (
    "linbao.accounts.adapter.username_digest"  # counts the person, and keeps no name that was typed
)
AXES_CLIENT_IP_CALLABLE = "linbao.accounts.adapter.place_of_attempt"
AXES_LOCKOUT_CALLABLE = "linbao.accounts.adapter.locked_out"
AXES_HTTP_RESPONSE_CODE = 429
AXES_SENSITIVE_PARAMETERS = ["username", "login", "ip_address"]  # never in the logs
AXES_DISABLE_ACCESS_LOG = True  # successes stand in the list of sessions
SESSION_ENGINE = "linbao.accounts.signed_in"
SESSION_COOKIE_AGE = 14 * 24 * 3600

# Shared by all web processes: ceilings on guessing hold however many there are.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "platform_cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},  # else 300: whoever makes many forgets the others
    }
}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

LANGUAGE_CODE = env("LANGUAGE")
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
USE_I18N = True
TIME_ZONE = env("TIME_ZONE")
USE_TZ = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # built files carry their digest in their name: no collecting step
WHITENOISE_IMMUTABLE_FILE_TEST = r"/static/dist/.*-[0-9a-f]{10}\."
LOGGING = configure(env("LOG_FORMAT"), SECURITY_LOG)

# Nothing loads from another host, nothing runs inline (design §5).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "frame-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "report-uri": ["/csp-report"],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024  # JSON and forms; files are streamed
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# A year, on https only. COOP is Django's own (same-origin); other headers are set in platform/server/middleware.py.
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _base.scheme == "https" else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _base.scheme == "https"
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
