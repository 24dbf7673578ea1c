"""A private PostgreSQL for the tests: binaries from the ``pgserver`` wheel, run from a copy, on a Unix socket.

``pgserver``'s own helper, run as root, opens every parent folder to the world; so the binaries are copied under
the temporary folder and run there as an unprivileged user.
"""

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path


def _unprivileged() -> dict[str, int]:
    """Return the user and group to run as: ``nobody`` for root, ourselves otherwise."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


def _stop(process: "subprocess.Popen[bytes]", home: Path, owner: int) -> None:
    if os.getpid() != owner:
        return
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
    shutil.rmtree(home, ignore_errors=True)


def start_cluster() -> str:
    """Start a cluster that ends with this process; return its ``KHCN_DATABASE_URL``."""
    import pgserver  # heavy, and only needed here

    home = Path(tempfile.mkdtemp(prefix="khcn-pg-"))
    # The binaries find their libraries beside the package folder, so the copy keeps that shape.
    package = Path(pgserver.__file__).parent
    pg = home / "site/pgserver/pginstall"
    shutil.copytree(package / "pginstall", pg, symlinks=True, ignore=shutil.ignore_patterns("*.a", "include"))
    shutil.copytree(package.parent / "pgserver.libs", home / "site/pgserver.libs")
    who = _unprivileged()
    data, sock = home / "data", home / "sock"
    for folder in (data, sock):
        folder.mkdir(mode=0o700)
    home.chmod(0o755)
    if who:
        for folder in (data, sock):
            os.chown(folder, who["user"], who["group"])
    common = {"cwd": str(home), "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}, **who}
    subprocess.run(
        [pg / "bin/initdb", "-D", data, "-U", "khcn", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        check=True, capture_output=True, **common,
    )  # fmt: skip
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                pg / "bin/postgres", "-D", data, "-k", sock, "-h", "",
                "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
                "-c", "max_connections=100", "-c", "shared_buffers=128MB",
            ],
            stdout=log, stderr=log, **common,
        )  # fmt: skip
    atexit.register(_stop, process, home, os.getpid())
    for _attempt in range(200):
        if (sock / ".s.PGSQL.5432").exists():
            ready = subprocess.run(
                [pg / "bin/psql", "-h", sock, "-U", "khcn", "-c", "create database khcn", "postgres"],
                capture_output=True, check=False, **common,
            )  # fmt: skip
            if ready.returncode == 0:
                return f"postgresql://khcn@/khcn?host={sock}"
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start:\n{(home / 'log').read_text()}")
