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

    op.create_table('decision',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('entitlement_id', sa.Uuid(), nullable=False),
    sa.Column('entitlement_version', sa.Integer(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('business_day', sa.Date(), nullable=False),
    sa.Column('ground_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('ground', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('rule_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('parameter_set_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('DUE', 'ACCRUING', 'AWAITING', 'HELD', 'DISPLACED', 'WITHDRAWN', name='state', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('displaced_by_scheme', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('displaced_by_key', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('cause', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision'))
    )
    op.create_index('ix_decision_entitlement_id', 'decision', ['entitlement_id', 'id'], unique=False)
    op.create_table('delivered',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('placement_id', sa.Uuid(), nullable=False),
    sa.Column('partner_id', sa.Uuid(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_delivered'))
    )
    op.create_index('ix_delivered_partner_id', 'delivered', ['partner_id', 'year'], unique=False)
    op.create_table('entitlement',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('scheme', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('entitlement_key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('dossier_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('dossier_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('payee_kind', sa.Enum('PERSON', 'ORGANISATION', name='payee_kind', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('payee_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.Enum('DUE', 'ACCRUING', 'AWAITING', 'HELD', 'DISPLACED', 'WITHDRAWN', name='state', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('due_fen', sa.BigInteger(), nullable=False),
    sa.Column('accruing_fen', sa.BigInteger(), nullable=False),
    sa.Column('would_be_fen', sa.BigInteger(), nullable=False),
    sa.Column('settled_fen', sa.BigInteger(), nullable=False),
    sa.Column('displaced_by_scheme', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('displaced_by_key', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('decided_on', sa.Date(), nullable=False),
    sa.Column('decision_id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("(displaced_by_key IS NOT NULL) = (state = 'DISPLACED')", name=op.f('ck_entitlement_displaced_by_another')),
    sa.CheckConstraint("accruing_fen = 0 OR state = 'ACCRUING'", name=op.f('ck_entitlement_accruing_is_accruing')),
    sa.CheckConstraint("due_fen = 0 OR state = 'DUE'", name=op.f('ck_entitlement_due_is_due')),
    sa.CheckConstraint('due_fen >= 0 AND accruing_fen >= 0 AND would_be_fen >= 0 AND settled_fen >= 0', name=op.f('ck_entitlement_no_negative_sum')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_entitlement')),
    sa.UniqueConstraint('scheme', 'entitlement_key', name=op.f('uq_entitlement_scheme_entitlement_key'))
    )
    op.create_index('ix_entitlement_dossier', 'entitlement', ['dossier_kind', 'dossier_id'], unique=False)
    op.create_index('ix_entitlement_payee_id', 'entitlement', ['payee_id', 'id'], unique=False)
    op.create_index('ix_entitlement_person_id', 'entitlement', ['person_id', 'id'], unique=False)
    op.create_table('ground_arrival',
    sa.Column('person', sa.Uuid(), nullable=False),
    sa.Column('started_on', sa.Date(), nullable=True),
    sa.Column('is_first_ever', sa.Boolean(), nullable=True),
    sa.Column('is_from_outside', sa.Boolean(), nullable=True),
    sa.Column('best_level_on_arrival', sa.Integer(), nullable=True),
    sa.Column('anniversary_on', sa.Date(), nullable=True),
    sa.Column('longest_gap_days', sa.Integer(), nullable=True),
    sa.Column('worked_until', sa.Date(), nullable=True),
    sa.Column('last_day_needed', sa.Date(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('person', name=op.f('pk_ground_arrival'))
    )
    op.create_index('ix_ground_arrival_dossier', 'ground_arrival', ['dossier'], unique=False)
    op.create_table('ground_certification',
    sa.Column('person', sa.Uuid(), nullable=True),
    sa.Column('certificate', sa.Uuid(), nullable=False),
    sa.Column('training_class', sa.Uuid(), nullable=True),
    sa.Column('class_kind', sa.Text(), nullable=True),
    sa.Column('organiser', sa.Uuid(), nullable=True),
    sa.Column('occupation_group', sa.Text(), nullable=True),
    sa.Column('level_code', sa.Integer(), nullable=True),
    sa.Column('class_starts_on', sa.Date(), nullable=True),
    sa.Column('mandated_from', sa.Date(), nullable=True),
    sa.Column('mandated_until', sa.Date(), nullable=True),
    sa.Column('listed_from', sa.Date(), nullable=True),
    sa.Column('listed_until', sa.Date(), nullable=True),
    sa.Column('matches_class', sa.Boolean(), nullable=True),
    sa.Column('issued_on', sa.Date(), nullable=True),
    sa.Column('revoked_on', sa.Date(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('certificate', name=op.f('pk_ground_certification'))
    )
    op.create_index('ix_ground_certification_dossier', 'ground_certification', ['dossier'], unique=False)
    op.create_table('ground_delivery',
    sa.Column('placement', sa.Uuid(), nullable=False),
    sa.Column('person', sa.Uuid(), nullable=True),
    sa.Column('partner', sa.Uuid(), nullable=True),
    sa.Column('year', sa.Integer(), nullable=True),
    sa.Column('started_on', sa.Date(), nullable=True),
    sa.Column('is_local_enterprise', sa.Boolean(), nullable=True),
    sa.Column('is_local_sole_trader', sa.Boolean(), nullable=True),
    sa.Column('agreed_from', sa.Date(), nullable=True),
    sa.Column('agreed_until', sa.Date(), nullable=True),
    sa.Column('confirmed_on', sa.Date(), nullable=True),
    sa.Column('cancelled_on', sa.Date(), nullable=True),
    sa.Column('reported_on', sa.Date(), nullable=True),
    sa.Column('report_by', sa.Date(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('placement', name=op.f('pk_ground_delivery'))
    )
    op.create_index('ix_ground_delivery_dossier', 'ground_delivery', ['dossier'], unique=False)
    op.create_table('ground_participation',
    sa.Column('person', sa.Uuid(), nullable=False),
    sa.Column('training_class', sa.Uuid(), nullable=False),
    sa.Column('class_kind', sa.Text(), nullable=True),
    sa.Column('organiser', sa.Uuid(), nullable=True),
    sa.Column('occupation_group', sa.Text(), nullable=True),
    sa.Column('level_code', sa.Integer(), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('designated_from', sa.Date(), nullable=True),
    sa.Column('designated_until', sa.Date(), nullable=True),
    sa.Column('is_local', sa.Boolean(), nullable=True),
    sa.Column('paid_months', sa.Integer(), nullable=True),
    sa.Column('attended_share', sa.Integer(), nullable=True),
    sa.Column('completed_on', sa.Date(), nullable=True),
    sa.Column('tender_price_fen', sa.BigInteger(), nullable=True),
    sa.Column('list_price_fen', sa.BigInteger(), nullable=True),
    sa.Column('net_charged_fen', sa.BigInteger(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('person', 'training_class', name=op.f('pk_ground_participation'))
    )
    op.create_index('ix_ground_participation_dossier', 'ground_participation', ['dossier'], unique=False)
    op.create_table('ground_partner_year',
    sa.Column('partner', sa.Uuid(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('year_ends_on', sa.Date(), nullable=True),
    sa.Column('closes_on', sa.Date(), nullable=True),
    sa.Column('persons', sa.Integer(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('partner', 'year', name=op.f('pk_ground_partner_year'))
    )
    op.create_index('ix_ground_partner_year_dossier', 'ground_partner_year', ['dossier'], unique=False)
    op.create_table('in_force',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_in_force_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_in_force'))
    )
    op.create_table('parameter_set',
    sa.Column('hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('first_used_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_parameter_set'))
    )
    op.create_table('replica_certification_certificate',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_certification_certificate'))
    )
    op.create_index('ix_replica_certification_certificate_class_id', 'replica_certification_certificate', [sa.literal_column("(state ->> 'class_id')")], unique=False)
    op.create_index('ix_replica_certification_certificate_person', 'replica_certification_certificate', ['person'], unique=False)
    op.create_table('replica_certification_occupation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('crosswalk', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_certification_occupation'))
    )
    op.create_index('ix_replica_certification_occupation_crosswalk', 'replica_certification_occupation', ['crosswalk'], unique=False)
    op.create_table('replica_matching_agreement',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_matching_agreement'))
    )
    op.create_index('ix_replica_matching_agreement_partner', 'replica_matching_agreement', ['partner'], unique=False)
    op.create_table('replica_matching_placement',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_matching_placement'))
    )
    op.create_index('ix_replica_matching_placement_employer_id', 'replica_matching_placement', [sa.literal_column("(state ->> 'employer_id')")], unique=False)
    op.create_index('ix_replica_matching_placement_partner_id', 'replica_matching_placement', [sa.literal_column("(state ->> 'partner_id')")], unique=False)
    op.create_index('ix_replica_matching_placement_person', 'replica_matching_placement', ['person'], unique=False)
    op.create_table('replica_matching_reporting_year',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('year_placements', sa.Text(), nullable=True),
    sa.Column('year_partners', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_matching_reporting_year'))
    )
    op.create_index('ix_replica_matching_reporting_year_year_partners', 'replica_matching_reporting_year', ['year_partners'], unique=False)
    op.create_index('ix_replica_matching_reporting_year_year_placements', 'replica_matching_reporting_year', ['year_placements'], unique=False)
    op.create_table('replica_registry_employment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_registry_employment'))
    )
    op.create_index('ix_replica_registry_employment_person', 'replica_registry_employment', ['person'], unique=False)
    op.create_table('replica_registry_insurance',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_registry_insurance'))
    )
    op.create_index('ix_replica_registry_insurance_person', 'replica_registry_insurance', ['person'], unique=False)
    op.create_table('replica_registry_organisation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('employer', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_registry_organisation'))
    )
    op.create_index('ix_replica_registry_organisation_employer', 'replica_registry_organisation', ['employer'], unique=False)
    op.create_table('replica_registry_person',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_registry_person'))
    )
    op.create_index('ix_replica_registry_person_person', 'replica_registry_person', ['person'], unique=False)
    op.create_table('replica_registry_source',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_registry_source'))
    )
    op.create_index('ix_replica_registry_source_source', 'replica_registry_source', ['source'], unique=False)
    op.create_table('replica_training_catalogue',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('catalogue', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_training_catalogue'))
    )
    op.create_index('ix_replica_training_catalogue_catalogue', 'replica_training_catalogue', ['catalogue'], unique=False)
    op.create_table('replica_training_class',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('class', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_training_class'))
    )
    op.create_index('ix_replica_training_class_class', 'replica_training_class', ['class'], unique=False)
    op.create_index('ix_replica_training_class_organiser_id', 'replica_training_class', [sa.literal_column("(state ->> 'organiser_id')")], unique=False)
    op.create_table('replica_training_designation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('organiser', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_training_designation'))
    )
    op.create_index('ix_replica_training_designation_organiser', 'replica_training_designation', ['organiser'], unique=False)
    op.create_table('replica_training_mandate',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('organiser', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_training_mandate'))
    )
    op.create_index('ix_replica_training_mandate_organiser', 'replica_training_mandate', ['organiser'], unique=False)
    op.create_table('replica_training_participation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_training_participation'))
    )
    op.create_index('ix_replica_training_participation_class_id', 'replica_training_participation', [sa.literal_column("(state ->> 'class_id')")], unique=False)
    op.create_index('ix_replica_training_participation_person', 'replica_training_participation', ['person'], unique=False)
    op.create_table('rule',
    sa.Column('hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('scheme', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('signature', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('description', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('first_used_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_rule'))
    )
