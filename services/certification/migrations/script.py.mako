"""${message}"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
${imports if imports else ""}

from common.database.migrations import create_foundation

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${"create_foundation(op)" if down_revision is None else ""}
    ${upgrades if upgrades else "pass"}
