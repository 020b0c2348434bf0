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
    op.create_table('employment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('using_organisation_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.Enum('CONTRACT', 'DISPATCH', 'APPRENTICE', name='kind', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('started_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('evidence', sa.Enum('CONTRACT', 'INSURANCE', name='evidence', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('engaged_level_code', sa.Integer(), nullable=True),
    sa.CheckConstraint('ended_on >= started_on', name=op.f('ck_employment_ends_after_start')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_employment')),
    sa.UniqueConstraint('person_id', 'organisation_id', 'started_on', name=op.f('uq_employment_person_id_organisation_id_started_on'))
    )
    op.create_index('ix_employment_organisation_id', 'employment', ['organisation_id', 'id'], unique=False)
    op.create_table('insurance',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('spans', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_insurance')),
    sa.UniqueConstraint('person_id', name=op.f('uq_insurance_person_id'))
    )
    op.create_table('organisation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('uscc', sqlmodel.sql.sqltypes.AutoString(length=18), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('spans', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.Enum('ACTIVE', 'CLOSED', name='status', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation')),
    sa.UniqueConstraint('uscc', name=op.f('uq_organisation_uscc'))
    )
    op.create_table('person',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id_number_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('id_number_index', sa.LargeBinary(), nullable=False),
    sa.Column('name_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('phone_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('account_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('payee_account_verified', sa.Boolean(), nullable=False),
    sa.Column('birth_month', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sex', sa.Enum('MALE', 'FEMALE', name='sex', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('hukou', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('elsewhere_before', sa.Boolean(), nullable=True),
    sa.Column('elsewhere_kinds', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('died_on', sa.Date(), nullable=True),
    sa.Column('pension_from', sa.Date(), nullable=True),
    sa.Column('is_provisional', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('id_number_index', name=op.f('uq_person_id_number_index'))
    )
    op.create_table('source',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Enum('EMPLOYMENT', 'INSURANCE', 'HUKOU', name='kind', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('complete_since', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_source')),
    sa.UniqueConstraint('kind', name=op.f('uq_source_kind'))
    )
