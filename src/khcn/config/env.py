"""Every setting of an installation, read once from ``KHCN_*`` environment variables into one frozen model.

The settings page of the operator guide is written from this model (``khcn config --markdown``).
"""

import os
import secrets
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_data_dir() -> Path:
    """Return ``./var`` in a source checkout, otherwise the user's data folder."""
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").is_file():
        return checkout / "var"
    return Path.home() / ".local" / "share" / "khcn"


class Env(BaseSettings):
    """The typed settings of one installation."""

    model_config = SettingsConfigDict(env_prefix="KHCN_", frozen=True, extra="ignore")

    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Folder for the database, files, search index and secret key. Created when missing.",
    )
    mode: Literal["demo", "production"] = Field(
        default="demo",
        description="`demo` shows demo sign-ins and loads demo content; `production` turns on HTTPS-only cookies "
        "and HSTS and loads nothing.",
    )
    debug: bool = Field(default=False, description="Show error pages for developers. Never in production.")
    secret_key: SecretStr | None = Field(
        default=None, description="Signing key. When unset, one is made and kept in the data folder."
    )
    hosts: list[str] = Field(
        default=["localhost", "127.0.0.1", "[::1]"],
        description='Host names that the site answers to, as JSON, e.g. `["khcn.example.vn"]`.',
    )
    base_url: str = Field(
        default="http://127.0.0.1:8000", description="Public address, used in messages and feeds."
    )
    trust_proxy: bool = Field(
        default=False,
        description="The site stands behind a reverse proxy that sets X-Forwarded-For and -Proto.",
    )
    profile: str = Field(
        default="quan5-2021",
        description="Data profile for units, terms and site identity: `quan5-2021` or `phuong-2025`.",
    )
    language: Literal["vi", "en"] = Field(default="vi", description="Language for visitors who chose none.")
    database_url: str | None = Field(
        default=None,
        description="`postgresql://user:password@host:port/name`. Unset: SQLite in the data folder.",
    )
    web_workers: int = Field(default=2, ge=1, le=64, description="Web processes.")
    web_threads: int = Field(default=4, ge=1, le=64, description="Threads in each web process.")
    worker_processes: int = Field(default=1, ge=1, le=16, description="Background worker processes.")
    search_backend: Literal["tantivy", "postgres"] = Field(
        default="tantivy", description="Search index: `tantivy` (local files) or `postgres` (full text)."
    )
    email_url: str | None = Field(
        default=None,
        description="`smtp://user:password@host:587` or `smtps://...`. Unset: messages are written to files.",
    )
    email_from: str = Field(default="khcn@localhost", description="Sender address of messages.")
    quiet_channels: list[Literal["mail", "sms", "zalo"]] = Field(
        default=["mail", "sms", "zalo"],
        description="Channels that stay silent from 21:00 to 07:00, as JSON. Messages wait until the morning.",
    )
    ark_naan: str = Field(
        default="99999",
        pattern=r"^[0-9bcdfghjkmnpqrstvwxz]{5,9}$",
        description="Name assigning authority number of the installation's ARK identifiers, given by the ARK Alliance; "
        "`99999` is the one for trials. Never change it once works have been cited.",
    )
    api_limit_address: int = Field(
        default=120, ge=0, description="API requests a minute from one address without a token; 0: no limit."
    )
    api_limit_token: int = Field(
        default=600, ge=0, description="API requests a minute with one token; 0: no limit."
    )
    api_writes_day: int = Field(
        default=10_000,
        ge=0,
        description="Records and files that one token may write in a day (local time); 0: no limit.",
    )
    gate_percent: int = Field(
        default=100,
        ge=0,
        le=10_000,
        description="Limits of expensive public pages (search, exports, page pictures ...) for one visitor, in percent of "
        "the built-in numbers; 0: no limits.",
    )
    gate_signed_in_times: int = Field(
        default=5, ge=1, le=100, description="How many times these limits people who signed in have."
    )
    gate_free_networks: list[IPv4Network | IPv6Network] = Field(
        default=[ip_network("127.0.0.0/8"), ip_network("::1/128")],
        description="Networks whose visitors are not counted, as JSON, e.g. the office's "
        '`["127.0.0.0/8", "10.20.0.0/16"]`. Behind a proxy set `KHCN_TRUST_PROXY` too, or every visitor seems to come '
        "from this machine and none is limited.",
    )
    pictures_at_once: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Pictures of pages that one web process draws at once; later askers are told to come back.",
    )
    oidc_name: str | None = Field(
        default=None, description="Name of an OpenID Connect sign-in, shown on its button."
    )
    oidc_server: str | None = Field(default=None, description="Address of the OpenID Connect provider.")
    oidc_client_id: str | None = Field(default=None, description="Client id at the OpenID Connect provider.")
    oidc_client_secret: SecretStr | None = Field(default=None, description="Client secret at the provider.")
    require_mfa: bool = Field(
        default=False, description="System administrators and librarians must use a second factor."
    )
    security_level: Literal["basic", "level2"] = Field(
        default="basic",
        description="`level2` takes the numbers of the level-2 security profile (TCVN 14423:2026) where no own "
        "number is set: idle lock 15 minutes (5 for administrators), second factor, passwords of 14, accounts unused for "
        "45 days refused, administrators' passwords changed every 60 days.",
    )
    idle_minutes: int | None = Field(
        default=None, ge=0, le=720, description="Sign out a session after this many idle minutes; 0: never."
    )
    admin_password_max_days: int | None = Field(
        default=None,
        ge=0,
        le=3650,
        description="Administrators change their password after this many days; 0: never.",
    )
    upload_max_mb: int = Field(default=100, ge=1, le=2048, description="Largest single uploaded file, in MB.")
    ocr: bool = Field(default=True, description="Recognise text in scans when tesseract is installed.")
    extract_seconds: int = Field(
        default=300, ge=5, le=7200, description="Longest time for one file, in seconds."
    )
    extract_memory_mb: int = Field(
        default=2048, ge=256, description="Most memory for reading one file, in MB."
    )

    clip_max_mb: int = Field(
        default=500,
        ge=1,
        le=8192,
        description="Largest recording uploaded to test a camera's drawing, in MB.",
    )
    energy_raw_days: int = Field(
        default=90,
        ge=7,
        le=3650,
        description="Days for which raw readings of meters and inverters are kept. Intervals of 15 minutes stay for ever.",
    )
    local_cameras: bool = Field(
        default=False,
        description="Camera addresses may point to this machine itself or to link-local addresses. For tests only: it lets "
        "whoever sets up cameras reach services of the server.",
    )
    local_sources: bool = Field(
        default=False,
        description="Sources of the harvesting may be on this machine itself or at link-local addresses. For tests only: it "
        "lets librarians reach services of the server.",
    )

    @property
    def files_dir(self) -> Path:
        """Folder of stored files."""
        return self.data_dir / "files"

    @property
    def index_dir(self) -> Path:
        """Folder of the local search index."""
        return self.data_dir / "index"

    @property
    def level2(self) -> bool:
        """Whether the numbers of the level-2 security profile hold."""
        return self.security_level == "level2"

    @property
    def second_factor_required(self) -> bool:
        """Whether administrators and librarians need a second factor."""
        return self.require_mfa or self.level2

    @property
    def idle_lock_minutes(self) -> int:
        """Idle minutes after which a session is locked; 0: never."""
        return (15 if self.level2 else 0) if self.idle_minutes is None else self.idle_minutes

    @property
    def admin_idle_lock_minutes(self) -> int:
        """The same for administrators; never longer than for others."""
        return min(5, self.idle_lock_minutes) if self.level2 else self.idle_lock_minutes

    @property
    def idle_account_days(self) -> int:
        """Days without a sign-in after which an account is refused; 0: never."""
        return 45 if self.level2 else 0

    @property
    def admin_password_days(self) -> int:
        """Days after which an administrator's password is due; 0: never."""
        days = self.admin_password_max_days
        return (60 if self.level2 else 0) if days is None else days

    @property
    def password_min_length(self) -> int:
        """Fewest characters of a new password."""
        return 14 if self.level2 else 10

    @property
    def production(self) -> bool:
        """Whether the installation serves real users."""
        return self.mode == "production"

    def prepare(self) -> None:
        """Create the data folder and what stands in it, readable by its owner only."""
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("files", "index", "spool", "mail", "logs", "static"):
            (self.data_dir / name).mkdir(exist_ok=True)

    def read_secret_key(self) -> str:
        """Return the signing key, making and keeping one on first use (two at once agree on one)."""
        if self.secret_key:
            return self.secret_key.get_secret_value()
        self.prepare()
        path = self.data_dir / "secret-key"
        if not path.exists():
            draft = self.data_dir / f".secret-key-{os.getpid()}"
            draft.write_text(secrets.token_urlsafe(64))
            draft.chmod(0o600)
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()
