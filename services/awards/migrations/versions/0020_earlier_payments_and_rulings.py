"""Earlier payments and rulings stand here; what is displaced may be topped up to the difference."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_DISPLACED = {
    "displaced_by_another": "state <> 'DISPLACED' OR displaced_by_key IS NOT NULL",
    "displaced_by_one_that_is_named": "(displaced_by_key IS NULL) = (displaced_by_scheme IS NULL)",
    "displaced_is_due_or_would_be": "displaced_by_key IS NULL OR state IN ('DISPLACED', 'DUE', 'ACCRUING')",
    "would_be_is_displaced": "displaced_by_key IS NOT NULL OR would_be_fen = 0",
    "topped_up_to_the_difference": "displaced_by_key IS NULL OR due_fen + accruing_fen <= would_be_fen",
}


def upgrade() -> None:
    op.create_table('prior_payment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('beneficiary_kind', sa.Enum('PERSON', 'ORGANISATION', name='beneficiary_kind', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('scheme', sa.String(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('occupation', sa.String(), nullable=True),
    sa.Column('level_code', sa.Integer(), nullable=True),
    sa.Column('year', sa.Integer(), nullable=True),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('paid_on', sa.Date(), nullable=False),
    sa.Column('paper_number', sa.String(), nullable=False),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.CheckConstraint("beneficiary_kind <> 'PERSON' OR person_id = beneficiary_id", name=op.f('ck_prior_payment_paid_to_the_person_is_paid_for_him')),
    sa.CheckConstraint('(occupation IS NULL) = (level_code IS NULL)', name=op.f('ck_prior_payment_a_level_is_of_an_occupation')),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_prior_payment_something_was_paid')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_prior_payment')),
    sa.UniqueConstraint('scheme', 'beneficiary_id', 'person_id', 'occupation', 'level_code', 'year', 'paid_on', 'paper_number', name='uq_prior_payment_natural_key', postgresql_nulls_not_distinct=True)
    )
    op.create_index('ix_prior_payment_beneficiary_id', 'prior_payment', ['beneficiary_id', 'id'], unique=False)
    op.create_index('ix_prior_payment_person_id', 'prior_payment', ['person_id', 'id'], unique=False)
    op.create_table('ruling',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Enum('REMOVED', 'RENOUNCED', 'DISCRETION_USED', 'BANNED', name='kind', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('beneficiary_kind', sa.Enum('PERSON', 'ORGANISATION', name='beneficiary_kind', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('scheme', sa.String(), nullable=True),
    sa.Column('entitlement_key', sa.String(), nullable=True),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=True),
    sa.Column('paper_number', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('PROPOSED', 'MADE', 'DECLINED', 'REVERSED', name='state', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('proposed_by', sa.String(), nullable=False),
    sa.Column('decided_by', sa.String(), nullable=True),
    sa.Column('reversed_by', sa.String(), nullable=True),
    sa.Column('reversed_on', sa.Date(), nullable=True),
    sa.CheckConstraint("(decided_by IS NULL) = (state = 'PROPOSED')", name=op.f('ck_ruling_decided_by_somebody')),
    sa.CheckConstraint("(reversed_on IS NULL) = (state <> 'REVERSED')", name=op.f('ck_ruling_reversed_on_a_day')),
    sa.CheckConstraint("(scheme IS NULL) = (kind = 'BANNED') AND (scheme IS NULL) = (entitlement_key IS NULL)", name=op.f('ck_ruling_concerns_something')),
    sa.CheckConstraint("last_on IS NULL OR kind = 'BANNED'", name=op.f('ck_ruling_only_bans_end')),
    sa.CheckConstraint('decided_by <> proposed_by', name=op.f('ck_ruling_decided_by_another')),
    sa.CheckConstraint('last_on >= first_on', name=op.f('ck_ruling_ends_after_it_begins')),
    sa.CheckConstraint('reversed_by <> decided_by', name=op.f('ck_ruling_reversed_by_another')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ruling'))
    )
    op.create_index('ix_ruling_beneficiary_id', 'ruling', ['beneficiary_id', 'id'], unique=False)
    op.create_index('uq_ruling_one_of_a_kind', 'ruling', ['kind', 'scheme', 'entitlement_key'], unique=True, postgresql_where=sa.text("scheme IS NOT NULL AND state IN ('PROPOSED', 'MADE')"))
    op.create_index('ix_replica_certification_certificate_organisation_id', 'replica_certification_certificate', [sa.literal_column("(state ->> 'organisation_id')")], unique=False)
    op.create_index('ix_replica_certification_exam_entry_school_id', 'replica_certification_exam_entry', [sa.literal_column("(state ->> 'school_id')")], unique=False)
    op.create_index('ix_replica_certification_sitting_body_id', 'replica_certification_sitting', [sa.literal_column("(state ->> 'body_id')")], unique=False)
    op.create_index('ix_replica_registry_organisation_uscc', 'replica_registry_organisation', [sa.literal_column("(state ->> 'uscc')")], unique=False)
    op.add_column("decision", sa.Column("left_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.drop_constraint(op.f("ck_entitlement_displaced_by_another"), "entitlement", type_="check")
    for name, condition in _DISPLACED.items():
        op.create_check_constraint(op.f(f"ck_entitlement_{name}"), "entitlement", condition)
