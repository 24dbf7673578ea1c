"""Settings of the test-suite: a fresh data folder, and PostgreSQL when KHCN_TEST_DB=postgres."""

import atexit
import os
import shutil
import tempfile

if "KHCN_TEST_HOME" not in os.environ:  # set once by the first process; pytest-xdist's workers inherit it
    _home = tempfile.mkdtemp(prefix="khcn-test-")
    os.environ["KHCN_TEST_HOME"] = _home
    _owner = os.getpid()

    def _clean() -> None:
        if os.getpid() == _owner:
            shutil.rmtree(_home, ignore_errors=True)

    atexit.register(_clean)

# Each of several processes has its own files and search index beside its own database.
os.environ["KHCN_DATA_DIR"] = "/".join(
    [os.environ["KHCN_TEST_HOME"], "data" + os.environ.get("PYTEST_XDIST_WORKER", "")]
)
for _name in [name for name in os.environ if name.startswith("KHCN_")]:
    if _name not in {"KHCN_TEST_HOME", "KHCN_TEST_DB", "KHCN_DATA_DIR", "KHCN_DATABASE_URL", "KHCN_SHARED"}:
        del os.environ[_name]

if os.environ.get("KHCN_TEST_DB") == "postgres" and "KHCN_DATABASE_URL" not in os.environ:
    from tests.postgres import start_cluster

    os.environ["KHCN_DATABASE_URL"] = start_cluster()
elif os.environ.get("KHCN_TEST_DB") != "postgres":
    os.environ.pop("KHCN_DATABASE_URL", None)

from khcn.config.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["*"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if "KHCN_DATABASE_URL" not in os.environ:
    # A file, not the default in-memory database: that one has table locks and no WAL, so it cannot stand for
    # several threads or processes at work.
    DATABASES["default"]["TEST"] = {"NAME": str(KHCN.data_dir.parent / "test.sqlite3")}  # noqa: F405
