"""What the city recognises organisations as: bases, studios, backbone enterprises, with acceptance and yearly assessments."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0008'
down_revision = '0007'


def upgrade() -> None:
    op.create_table('recognition',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('BACKBONE_ENTERPRISE', 'TRAINING_BASE', 'DEMONSTRATION_BASE', 'PUBLIC_BASE', 'OUTSIDE_BASE', 'COOPERATION_PARTNER', 'STUDIO', 'TECHNICIAN_BASE', name='kind', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('paper_number', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.Column('accepted_on', sa.Date(), nullable=True),
    sa.Column('investment_fen', sa.BigInteger(), nullable=True),
    sa.Column('master_id', sa.Uuid(), nullable=True),
    sa.Column('assessments', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint("(kind = 'STUDIO') = (master_id IS NOT NULL)", name=op.f('ck_recognition_master')),
    sa.CheckConstraint('investment_fen >= 0', name=op.f('ck_recognition_investment')),
    sa.CheckConstraint('valid_to >= valid_from', name=op.f('ck_recognition_validity')),
    sa.CheckConstraint('withdrawn_on >= valid_from', name=op.f('ck_recognition_withdrawn')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recognition'))
    )
    op.create_index('ix_recognition_organisation_id', 'recognition', ['organisation_id', 'id'], unique=False)
