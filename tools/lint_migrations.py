#!/usr/bin/env python3
"""Migrations must be safe while the previous release still serves: django-migration-linter on our own apps."""

import os
import subprocess
import sys
from pathlib import Path

APPS = ["core", "orgs", "library", "markets", "energy", "plan", "programmes"]
# SQLite makes a table anew to change a CHECK, which the linter takes for new NOT NULL and UNIQUE constraints.
# Read by a person: the new list of roles holds the old one, so the previous release goes on writing.
# 0004_succession_decisions: its two new NOT NULL columns have a default in the database, so the previous release writes on.
# The library's 0007-0012 and 0016 and core's 0002: constraints of tables made in the same file, and columns that have a
# default in the database, so that the previous release writes on. The programmes' 0003: the same, and a reference of
# consent that may now be empty.
READ_BY_HAND = [
    "0002_roles_of_market_halls", "0003_role_of_energy_officer", "0004_succession_decisions", "0002_api_answers",
    "0007_harvest", "0008_catalogue", "0009_versions", "0010_saved", "0011_usage", "0012_legal",
    "0016_harvest_limits", "0003_lessons_training_topics",
]  # fmt: skip


def main() -> None:
    """Lint every migration of our apps but the first of each, which makes new tables only."""
    python = Path(sys.executable)
    code = (
        "import sys; from django.conf import settings; import django;"
        "settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, 'django_migration_linter']; django.setup();"
        "from django.core.management import call_command;"
        f"call_command('lintmigrations', include_apps={APPS!r}, ignore_name={READ_BY_HAND!r}, quiet=['ok', 'ignore'], database='default', ignore_initial_migrations=True, no_cache=True, exclude_migration_tests=['RUNPYTHON_MODEL_VARIABLE_NAME'])"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "khcn.config.settings"}
    sys.exit(subprocess.run([python, "-c", code], env=env, check=False).returncode)


if __name__ == "__main__":
    main()
