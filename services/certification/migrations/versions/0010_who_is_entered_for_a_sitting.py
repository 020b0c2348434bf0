"""Who is entered for which sitting, and at what fee."""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'


def upgrade() -> None:
    op.create_table('exam_entry',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('sitting_id', sa.Uuid(), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=True),
    sa.Column('registered_on', sa.Date(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('fee_fen', sa.BigInteger(), nullable=False),
    sa.Column('charged_fen', sa.BigInteger(), nullable=False),
    sa.Column('took_part', sa.Boolean(), nullable=True),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.CheckConstraint('attempt >= 1', name=op.f('ck_exam_entry_attempt')),
    sa.CheckConstraint('charged_fen BETWEEN 0 AND fee_fen', name=op.f('ck_exam_entry_charged_of_fee')),
    sa.CheckConstraint('fee_fen >= 0', name=op.f('ck_exam_entry_fee')),
    sa.CheckConstraint('withdrawn_on >= registered_on', name=op.f('ck_exam_entry_withdrawn_after_registered')),
    sa.CheckConstraint('withdrawn_on IS NULL OR took_part IS NOT TRUE', name=op.f('ck_exam_entry_withdrawn_or_took_part')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_entry'))
    )
    op.create_index('ix_exam_entry_person_id', 'exam_entry', ['person_id', 'id'], unique=False)
    op.create_index('ix_exam_entry_school_id', 'exam_entry', ['school_id', 'id'], unique=False)
    op.create_index('ix_exam_entry_sitting_id', 'exam_entry', ['sitting_id', 'id'], unique=False)
    op.create_index('uq_exam_entry_standing', 'exam_entry', ['person_id', 'sitting_id'], unique=True, postgresql_where=sa.text('withdrawn_on IS NULL'))
