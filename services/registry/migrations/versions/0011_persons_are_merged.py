"""Two entries that turn out to be one person are merged, and it is kept how."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0011'
down_revision = '0010'


def upgrade() -> None:
    op.add_column('person', sa.Column('merged_into', sa.Uuid(), nullable=True))
    op.add_column('person', sa.Column('same_as', sa.Uuid(), nullable=True))
    op.add_column('person', sa.Column('merge_reason', sa.Enum('NUMBER_CHANGED', 'NUMBER_WRONG', 'ENTERED_TWICE', name='merge_reason', native_enum=False, create_constraint=True, length=64), nullable=True))
    op.add_column('person', sa.Column('merge_paper_number', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True))
    op.create_index('ix_person_merged_into', 'person', ['merged_into'], unique=False, postgresql_where=sa.text('merged_into IS NOT NULL'))
    op.create_check_constraint(op.f('ck_person_merged'), 'person', 'merged_into <> id AND same_as <> id')
    op.create_check_constraint(
        op.f('ck_person_merged_by'), 'person', '(same_as IS NULL) = (merged_into IS NULL) AND (same_as IS NULL) = (merge_reason IS NULL)'
    )
