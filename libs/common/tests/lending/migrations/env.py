"""Alembic's entry: everything is in `common.database.migrations`."""

from alembic import context

from common.database.migrations import run_in_environment

run_in_environment(context)
