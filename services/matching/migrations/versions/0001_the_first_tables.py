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
    op.create_table('agreement',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('partner_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('COOPERATION_BASE', 'DELIVERY', name='kind', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('is_outside_province', sa.Boolean(), nullable=False),
    sa.Column('signed_on', sa.Date(), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.CheckConstraint('expires_on >= signed_on', name=op.f('ck_agreement_expires_after_signed')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement')),
    sa.UniqueConstraint('number', name=op.f('uq_agreement_number'))
    )
    op.create_index(op.f('ix_agreement_partner_id'), 'agreement', ['partner_id'], unique=False)
    op.create_table('placement',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('partner_id', sa.Uuid(), nullable=False),
    sa.Column('employer_id', sa.Uuid(), nullable=False),
    sa.Column('started_on', sa.Date(), nullable=False),
    sa.Column('evidence', sa.Enum('CONTRACT', 'INSURANCE', name='evidence', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('reported_on', sa.Date(), nullable=False),
    sa.Column('confirmed_on', sa.Date(), nullable=True),
    sa.Column('cancelled_on', sa.Date(), nullable=True),
    sa.CheckConstraint('confirmed_on >= reported_on', name=op.f('ck_placement_confirmed_after_reported')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_placement')),
    sa.UniqueConstraint('person_id', 'partner_id', 'employer_id', 'started_on', name=op.f('uq_placement_person_id_partner_id_employer_id_started_on'))
    )
    op.create_index('ix_placement_partner_id', 'placement', ['partner_id', 'id'], unique=False)
    op.create_table('referral',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('partner_id', sa.Uuid(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('is_employed', sa.Boolean(), nullable=False),
    sa.Column('level_code', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('person_id', 'partner_id', 'year', name=op.f('pk_referral'))
    )
    op.create_index('ix_referral_partner_id', 'referral', ['partner_id', 'year'], unique=False)
    op.create_table('referral_count',
    sa.Column('partner_id', sa.Uuid(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('delivered', sa.Integer(), nullable=False),
    sa.Column('employed', sa.Integer(), nullable=False),
    sa.Column('certified_by_level', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('partner_id', 'year', name=op.f('pk_referral_count'))
    )
    op.create_table('replica_certification_certificate',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_certification_certificate'))
    )
    op.create_index('ix_replica_certification_certificate_person', 'replica_certification_certificate', ['person'], unique=False)
    op.create_table('replica_registry_organisation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_registry_organisation'))
    )
    op.create_index('ix_replica_registry_organisation_uscc', 'replica_registry_organisation', [sa.literal_column("(state ->> 'uscc')")], unique=False)
    op.create_table('reporting_year',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('closes_on', sa.Date(), nullable=False),
    sa.Column('is_closed', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reporting_year')),
    sa.UniqueConstraint('year', name=op.f('uq_reporting_year_year'))
    )
