"""What all eighteen schemes ask of others: students, titles, lectures, sponsored classes and their kin."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0014'
down_revision = '0013'


def upgrade() -> None:
    op.create_table('replica_certification_exam_entry',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('was', postgresql.ARRAY(sa.Text()), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_certification_exam_entry'))
    )
    op.create_index('ix_replica_certification_exam_entry_person', 'replica_certification_exam_entry', ['person'], unique=False)
    op.create_index('ix_replica_certification_exam_entry_sitting_id', 'replica_certification_exam_entry', [sa.literal_column("(state ->> 'sitting_id')")], unique=False)
    op.create_table('replica_certification_sitting',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('sitting', sa.Text(), nullable=True),
    sa.Column('was', postgresql.ARRAY(sa.Text()), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_certification_sitting'))
    )
    op.create_index('ix_replica_certification_sitting_sitting', 'replica_certification_sitting', ['sitting'], unique=False)
    op.create_table('replica_certification_title',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('was', postgresql.ARRAY(sa.Text()), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_certification_title'))
    )
    op.create_index('ix_replica_certification_title_person', 'replica_certification_title', ['person'], unique=False)
    op.create_table('replica_matching_sponsored_class',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('sponsored_class', sa.Text(), nullable=True),
    sa.Column('was', postgresql.ARRAY(sa.Text()), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_matching_sponsored_class'))
    )
    op.create_index('ix_replica_matching_sponsored_class_school_id', 'replica_matching_sponsored_class', [sa.literal_column("(state ->> 'school_id')")], unique=False)
    op.create_index('ix_replica_matching_sponsored_class_sponsored_class', 'replica_matching_sponsored_class', ['sponsored_class'], unique=False)
    op.create_table('replica_registry_other_benefit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('was', postgresql.ARRAY(sa.Text()), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_registry_other_benefit'))
    )
    op.create_index('ix_replica_registry_other_benefit_person', 'replica_registry_other_benefit', ['person'], unique=False)
    op.create_table('replica_registry_recognition',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('organiser', sa.Text(), nullable=True),
    sa.Column('organisation', sa.Text(), nullable=True),
    sa.Column('was', postgresql.ARRAY(sa.Text()), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_registry_recognition'))
    )
    op.create_index('ix_replica_registry_recognition_organisation', 'replica_registry_recognition', ['organisation'], unique=False)
    op.create_index('ix_replica_registry_recognition_organiser', 'replica_registry_recognition', ['organiser'], unique=False)
    op.create_table('replica_registry_student',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('was', postgresql.ARRAY(sa.Text()), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_registry_student'))
    )
    op.create_index('ix_replica_registry_student_person', 'replica_registry_student', ['person'], unique=False)
    op.create_table('replica_training_lecture',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('organisation', sa.Text(), nullable=True),
    sa.Column('was', postgresql.ARRAY(sa.Text()), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_training_lecture'))
    )
    op.create_index('ix_replica_training_lecture_enterprise_id', 'replica_training_lecture', [sa.literal_column("(state ->> 'enterprise_id')")], unique=False)
    op.create_index('ix_replica_training_lecture_organisation', 'replica_training_lecture', ['organisation'], unique=False)
    op.create_table('replica_training_trip',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('was', postgresql.ARRAY(sa.Text()), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replica_training_trip'))
    )
    op.create_index('ix_replica_training_trip_person', 'replica_training_trip', ['person'], unique=False)
    op.create_index('ix_replica_training_trip_sender_id', 'replica_training_trip', [sa.literal_column("(state ->> 'sender_id')")], unique=False)
    op.create_index('ix_replica_registry_employment_organisation_id', 'replica_registry_employment', [sa.literal_column("(state ->> 'organisation_id')")], unique=False)
    op.create_index('ix_replica_registry_employment_using_organisation_id', 'replica_registry_employment', [sa.literal_column("(state ->> 'using_organisation_id')")], unique=False)
    op.add_column('replica_registry_organisation', sa.Column('host', sa.Text(), nullable=True))
    op.add_column('replica_registry_organisation', sa.Column('sponsor', sa.Text(), nullable=True))
    op.add_column('replica_registry_organisation', sa.Column('organisation', sa.Text(), nullable=True))
    op.create_index('ix_replica_registry_organisation_host', 'replica_registry_organisation', ['host'], unique=False)
    op.create_index('ix_replica_registry_organisation_organisation', 'replica_registry_organisation', ['organisation'], unique=False)
    op.create_index('ix_replica_registry_organisation_sponsor', 'replica_registry_organisation', ['sponsor'], unique=False)
    op.create_index('ix_replica_training_class_employer_id', 'replica_training_class', [sa.literal_column("(state ->> 'employer_id')")], unique=False)
