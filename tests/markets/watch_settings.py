"""Settings of a child process that works on the very database of the running test."""

import os

os.environ["KHCN_TEST_HOME"] = os.environ.get("KHCN_TEST_HOME", "")

from tests.settings import *  # noqa: F403

DATABASES["default"]["NAME"] = os.environ["CHILD_DB"]  # noqa: F405  # the database that the test made
