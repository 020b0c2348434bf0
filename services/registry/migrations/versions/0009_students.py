"""Who is a student of which school, with which status since when."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0009'
down_revision = '0008'


def upgrade() -> None:
    op.create_table('student',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('stage', sa.Enum('SECONDARY', 'HIGHER', name='stage', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('major', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
    sa.Column('entered_on', sa.Date(), nullable=False),
    sa.Column('status_spans', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('graduated_on', sa.Date(), nullable=True),
    sa.Column('has_hardship', sa.Boolean(), nullable=False),
    sa.CheckConstraint('graduated_on >= entered_on', name=op.f('ck_student_graduated')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_student')),
    sa.UniqueConstraint('person_id', 'school_id', 'entered_on', name=op.f('uq_student_person_id_school_id_entered_on'))
    )
    op.create_index('ix_student_school_id', 'student', ['school_id', 'id'], unique=False)
