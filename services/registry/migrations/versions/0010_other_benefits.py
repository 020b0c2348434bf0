"""What others have paid for a person's certificate or training."""

import sqlalchemy as sa
import sqlmodel
from alembic import op


revision = '0010'
down_revision = '0009'


def upgrade() -> None:
    op.create_table('other_benefit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('scheme', sa.Enum('UNEMPLOYMENT_INSURANCE_SKILL_SUBSIDY', 'OTHER_TRAINING_SUBSIDY', name='scheme', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('occupation', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('level_code', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('paid_on', sa.Date(), nullable=False),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_other_benefit_amount')),
    sa.CheckConstraint('level_code BETWEEN 1 AND 5', name=op.f('ck_other_benefit_level_code')),
    sa.CheckConstraint('withdrawn_on >= paid_on', name=op.f('ck_other_benefit_withdrawn')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_other_benefit')),
    sa.UniqueConstraint('person_id', 'scheme', 'occupation', 'level_code', 'paid_on', name=op.f('uq_other_benefit_person_id_scheme_occupation_level_code_paid_on'))
    )
