"""the first tables"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

from common.database.migrations import create_foundation

revision = '0001'
down_revision = None


def upgrade() -> None:
    create_foundation(op)
    op.create_table('catalogue',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('entries', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('in_force_from', sa.Date(), nullable=False),
    sa.Column('in_force_to', sa.Date(), nullable=True),
    sa.Column('paper_number', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.CheckConstraint('in_force_to >= in_force_from', name=op.f('ck_catalogue_in_force')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue')),
    sa.UniqueConstraint('year', name=op.f('uq_catalogue_year'))
    )
    op.create_table('designation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('tender_number', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('occupation', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('level_code', sa.Integer(), nullable=False),
    sa.Column('price_fen', sa.BigInteger(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.CheckConstraint('level_code BETWEEN 1 AND 5', name=op.f('ck_designation_level_code')),
    sa.CheckConstraint('price_fen >= 0', name=op.f('ck_designation_price')),
    sa.CheckConstraint('valid_to >= valid_from', name=op.f('ck_designation_validity')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_designation')),
    sa.UniqueConstraint('tender_number', 'organisation_id', 'occupation', 'level_code', name=op.f('uq_designation_tender_number_organisation_id_occupation_level_code'))
    )
    op.create_index(op.f('ix_designation_organisation_id'), 'designation', ['organisation_id'], unique=False)
    op.create_table('mandate',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('occupation', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('level_code', sa.Integer(), nullable=False),
    sa.Column('catalogue_year', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.CheckConstraint('level_code BETWEEN 1 AND 5', name=op.f('ck_mandate_level_code')),
    sa.CheckConstraint('valid_to >= valid_from', name=op.f('ck_mandate_validity')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mandate')),
    sa.UniqueConstraint('organisation_id', 'occupation', 'level_code', 'catalogue_year', name=op.f('uq_mandate_organisation_id_occupation_level_code_catalogue_year'))
    )
    op.create_table('participation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('class_id', sa.Uuid(), nullable=False),
    sa.Column('enrolled_on', sa.Date(), nullable=False),
    sa.Column('attended_share_bp', sa.Integer(), nullable=True),
    sa.Column('completed_on', sa.Date(), nullable=True),
    sa.Column('result', sa.Enum('PASSED', 'FAILED', name='result', native_enum=False, create_constraint=True, length=64), nullable=True),
    sa.Column('charged_fen', sa.BigInteger(), nullable=False),
    sa.Column('refunded_fen', sa.BigInteger(), nullable=False),
    sa.Column('dropped_on', sa.Date(), nullable=True),
    sa.CheckConstraint('attended_share_bp BETWEEN 0 AND 10000', name=op.f('ck_participation_attended_share')),
    sa.CheckConstraint('completed_on >= enrolled_on', name=op.f('ck_participation_completed_after_enrolled')),
    sa.CheckConstraint('refunded_fen BETWEEN 0 AND charged_fen', name=op.f('ck_participation_refunded_of_charged')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_participation')),
    sa.UniqueConstraint('person_id', 'class_id', name=op.f('uq_participation_person_id_class_id'))
    )
    op.create_index('ix_participation_class_id', 'participation', ['class_id', 'id'], unique=False)
    op.create_table('training_class',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('kind', sa.Enum('UNIVERSAL', 'PRE_JOB', 'UPGRADE', 'STAFF_STUDY', 'IN_HOUSE_HIGH_SKILLED', 'SCHOOL_IN_ENTERPRISE', 'SHORTAGE', 'BASE_SOCIAL', 'FOUR_NEW', name='kind', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('organiser_id', sa.Uuid(), nullable=False),
    sa.Column('employer_id', sa.Uuid(), nullable=True),
    sa.Column('occupation', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('level_code', sa.Integer(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('price_fen', sa.BigInteger(), nullable=True),
    sa.Column('contract_number', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
    sa.Column('state', sa.Enum('PLANNED', 'OPEN', 'COMPLETED', 'CANCELLED', name='state', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_training_class_ends_after_start')),
    sa.CheckConstraint('level_code BETWEEN 1 AND 5', name=op.f('ck_training_class_level_code')),
    sa.CheckConstraint('price_fen >= 0', name=op.f('ck_training_class_price')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_class')),
    sa.UniqueConstraint('number', name=op.f('uq_training_class_number'))
    )
    op.create_index(op.f('ix_training_class_organiser_id'), 'training_class', ['organiser_id'], unique=False)
