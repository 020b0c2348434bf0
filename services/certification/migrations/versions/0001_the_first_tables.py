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
    op.create_table('certificate',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('occupation', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('level_code', sa.Integer(), nullable=False),
    sa.Column('mode', sa.Enum('SOCIAL_APPRAISAL', 'ENTERPRISE_EVALUATION', 'SCHOOL_CERTIFICATION', 'SPECIFIC_ABILITY', 'CONTEST', 'DIRECT_RECOGNITION', name='mode', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('kind', sa.Enum('QUALIFICATION', 'SKILL_LEVEL', name='kind', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('body_id', sa.Uuid(), nullable=False),
    sa.Column('sitting_id', sa.Uuid(), nullable=True),
    sa.Column('class_id', sa.Uuid(), nullable=True),
    sa.Column('organisation_id', sa.Uuid(), nullable=True),
    sa.Column('revoked_on', sa.Date(), nullable=True),
    sa.Column('revocation_reason', sa.Enum('FRAUD', 'ISSUED_IN_ERROR', 'SITTING_ANNULLED', name='revocation_reason', native_enum=False, create_constraint=True, length=64), nullable=True),
    sa.CheckConstraint('(revoked_on IS NULL) = (revocation_reason IS NULL)', name=op.f('ck_certificate_revoked_for_a_reason')),
    sa.CheckConstraint('level_code BETWEEN 1 AND 5', name=op.f('ck_certificate_level_code')),
    sa.CheckConstraint('revoked_on >= issued_on', name=op.f('ck_certificate_revoked_after_issue')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate')),
    sa.UniqueConstraint('number', name=op.f('uq_certificate_number'))
    )
    op.create_index('ix_certificate_person_id', 'certificate', ['person_id', 'id'], unique=False)
    op.create_index('ix_certificate_sitting_id', 'certificate', ['sitting_id'], unique=False)
    op.create_table('occupation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('occupation', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('same_as', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('is_pilot', sa.Boolean(), nullable=False),
    sa.Column('appraisal_fee_fen', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_occupation')),
    sa.UniqueConstraint('occupation', name=op.f('uq_occupation_occupation'))
    )
    op.create_table('replica_registry_organisation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_registry_organisation'))
    )
    op.create_index('ix_replica_registry_organisation_uscc', 'replica_registry_organisation', [sa.literal_column("(state ->> 'uscc')")], unique=False)
    op.create_table('replica_training_class',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_training_class'))
    )
    op.create_index('ix_replica_training_class_number', 'replica_training_class', [sa.literal_column("(state ->> 'number')")], unique=False)
    op.create_table('sitting',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('mode', sa.Enum('SOCIAL_APPRAISAL', 'ENTERPRISE_EVALUATION', 'SCHOOL_CERTIFICATION', 'SPECIFIC_ABILITY', 'CONTEST', 'DIRECT_RECOGNITION', name='mode', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('body_id', sa.Uuid(), nullable=False),
    sa.Column('occupation', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('level_code', sa.Integer(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('entered_count', sa.Integer(), nullable=False),
    sa.Column('passed_count', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('PLANNED', 'COMPLETED', 'ANNULLED', name='state', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.CheckConstraint('level_code BETWEEN 1 AND 5', name=op.f('ck_sitting_level_code')),
    sa.CheckConstraint('passed_count BETWEEN 0 AND entered_count', name=op.f('ck_sitting_passed_of_entered')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sitting'))
    )
