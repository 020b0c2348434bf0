"""Certificate numbers stand under a key: sealed for reading, and as an index value for finding (ADR 10).

The service's own keys seal the rows that are there, in this one transaction: either all of them or none. The code of before cannot go on beside
this revision: it is refused by the database, and loses nothing.
"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from common.database.migrations import keys_given

revision = "0007"
down_revision = "0006"
FIELD = "certificate.number"
CHUNK = 5_000
certificate = sa.table(
    "certificate",
    sa.column("id", sa.Uuid()),
    sa.column("number", sa.Text()),
    sa.column("number_sealed", sa.LargeBinary()),
    sa.column("number_index", sa.LargeBinary()),
)


def upgrade() -> None:
    for column in ("number_sealed", "number_index"):
        op.add_column("certificate", sa.Column(column, sa.LargeBinary(), nullable=True))
    was_filled = seal(op.get_bind())
    for column in ("number_sealed", "number_index"):
        op.alter_column("certificate", column, nullable=False)
    op.drop_column("certificate", "number")
    op.create_unique_constraint("uq_certificate_number_index", "certificate", ["number_index"])
    if was_filled:
        # A dropped column's values stay in the table's file until the table is written anew. An empty one is left alone: known to be empty, it
        # would be read as a whole by every plan made before its first ANALYZE.
        op.execute("CLUSTER certificate USING pk_certificate")
        op.execute("ALTER TABLE certificate SET WITHOUT CLUSTER")
        op.execute("ANALYZE certificate")


def seal(connection: sa.Connection) -> bool:
    """Whether there was any row."""
    row = certificate.c
    write = (
        sa.update(certificate)
        .where(row.id == sa.bindparam("of"))
        .values(number_sealed=sa.bindparam("sealed"), number_index=sa.bindparam("index"))
    )
    last = UUID(int=0)
    while rows := connection.execute(sa.select(row.id, row.number).where(row.id > last).order_by(row.id).limit(CHUNK)).all():
        keys = keys_given(op)
        connection.execute(
            write,
            [
                {"of": id, "sealed": keys.cipher.encrypt(number, field=FIELD, row=id), "index": keys.index.of(number, field=FIELD)}
                for id, number in rows
            ],
        )
        last = rows[-1].id
    return last.int > 0
