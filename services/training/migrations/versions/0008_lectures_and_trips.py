"""Lectures inside enterprises with the reports that they come from, and trips abroad."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0008'
down_revision = '0007'


def upgrade() -> None:
    op.create_table('lecture',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('teacher_id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('hours', sa.Integer(), nullable=False),
    sa.Column('confirmed_on', sa.Date(), nullable=False),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.CheckConstraint('hours BETWEEN 1 AND 24', name=op.f('ck_lecture_hours')),
    sa.CheckConstraint('withdrawn_on >= held_on', name=op.f('ck_lecture_withdrawn_after_held')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lecture'))
    )
    op.create_index('ix_lecture_enterprise_id', 'lecture', ['enterprise_id', 'id'], unique=False)
    op.create_index('ix_lecture_school_id', 'lecture', ['school_id', 'id'], unique=False)
    op.create_index('uq_lecture_standing', 'lecture', ['teacher_id', 'enterprise_id', 'held_on'], unique=True, postgresql_where=sa.text('withdrawn_on IS NULL'))
    op.create_table('lecture_report',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('teacher_id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('hours', sa.Integer(), nullable=False),
    sa.Column('reported_on', sa.Date(), nullable=False),
    sa.Column('lecture_id', sa.Uuid(), nullable=True),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.CheckConstraint('hours BETWEEN 1 AND 24', name=op.f('ck_lecture_report_hours')),
    sa.CheckConstraint('school_id <> enterprise_id', name=op.f('ck_lecture_report_two_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lecture_report')),
    sa.UniqueConstraint('lecture_id', name=op.f('uq_lecture_report_lecture_id'))
    )
    op.create_index('ix_lecture_report_enterprise_id', 'lecture_report', ['enterprise_id', 'id'], unique=False)
    op.create_index('ix_lecture_report_school_id', 'lecture_report', ['school_id', 'id'], unique=False)
    op.create_index('uq_lecture_report_standing', 'lecture_report', ['teacher_id', 'enterprise_id', 'held_on'], unique=True, postgresql_where=sa.text('withdrawn_on IS NULL'))
    op.create_table('trip',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('sender_id', sa.Uuid(), nullable=False),
    sa.Column('occupation', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('selected_on', sa.Date(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('reported_on', sa.Date(), nullable=True),
    sa.Column('cost_fen', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.Enum('SELECTED', 'COMPLETED', 'CANCELLED', name='state', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.CheckConstraint("(state = 'COMPLETED') = (reported_on IS NOT NULL AND cost_fen IS NOT NULL)", name=op.f('ck_trip_completed_with_report')),
    sa.CheckConstraint('cost_fen >= 0', name=op.f('ck_trip_cost')),
    sa.CheckConstraint('reported_on >= ends_on', name=op.f('ck_trip_reported_after_return')),
    sa.CheckConstraint('selected_on <= starts_on AND starts_on <= ends_on', name=op.f('ck_trip_in_order')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trip'))
    )
    op.create_index('ix_trip_person_id', 'trip', ['person_id', 'id'], unique=False)
    op.create_index('ix_trip_sender_id', 'trip', ['sender_id', 'id'], unique=False)
