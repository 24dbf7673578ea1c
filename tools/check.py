#!/usr/bin/env python3
"""Every static check of the house, each with its time. Fails when one fails, but runs them all."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ["src", "tests", "tools", "benchmarks"]
CHECKS = [
    ("ruff format", [BIN / "ruff", "format", "--check", *FOLDERS]),
    ("ruff", [BIN / "ruff", "check", *FOLDERS]),
    ("layers", [BIN / "lint-imports"]),
    ("types", [BIN / "mypy"]),
    ("migrations made", [BIN / "khcn", "makemigrations", "--check", "--dry-run"]),
    ("migrations safe", [BIN / "python", "tools/lint_migrations.py"]),
    ("system check", [BIN / "khcn", "check", "--fail-level", "WARNING"]),
    ("messages", [BIN / "python", "tools/messages.py", "check"]),
    ("settings page", [BIN / "python", "tools/generated_docs.py"]),
]


def main() -> None:
    """Run the checks."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="khcn-check-") as data:
        env = {**os.environ, "KHCN_DATA_DIR": data}
        deploy = {**env, "KHCN_MODE": "production", "KHCN_HOSTS": '["khcn.example.vn"]'}
        deploy_check = [BIN / "khcn", "check", "--deploy", "--fail-level", "WARNING"]
        for name, command, environment in [
            *((name, command, env) for name, command in CHECKS),
            ("deploy check", deploy_check, deploy),
        ]:
            start = time.monotonic()
            result = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
            )
            word = "ok" if result.returncode == 0 else "FAILED"
            print(f"{name:16} {word:7} {time.monotonic() - start:6.1f} s", flush=True)
            if result.returncode:
                print((result.stdout + result.stderr)[-6000:], flush=True)
                failed.append(name)
    print(f"{len(CHECKS) + 1 - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
