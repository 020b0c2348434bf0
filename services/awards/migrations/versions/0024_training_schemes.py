"""What the schemes of training and certification measure; whom a tender's price reaches; a shortage class without a certificate is a ground."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

MONTHS = [
    f"{kinds}{lateness}{breaks}"
    for kinds in ("paid_months", "five_in_one_months")
    for lateness in ("", "_on_time")
    for breaks in ("", "_in_a_row")
    if f"{kinds}{lateness}{breaks}" != "paid_months"
]
OF_PARTICIPATION = {
    sa.Date(): ("recognised_from", "recognised_until", "pension_from", "certified_on", "certificate_revoked_on"),
    sa.Integer(): tuple(MONTHS),
    sa.BigInteger(): ("standard_price_fen",),
    sa.Text(): ("fund_by_level",),
}
OF_CERTIFICATION = {
    sa.Uuid(): ("employer",),
    sa.Integer(): ("class_level_code", "paid_months"),
    sa.Date(): (
        "passed_on", "listed_in_year_from", "listed_in_year_until", "employed_from", "employed_until", "employed_by", "discretion_from",
        "discretion_until",
    ),
    sa.Boolean(): ("is_local_enterprise", "is_local_sole_trader", "is_run_by_school", "has_contract"),
    sa.BigInteger(): ("lowest_price_fen", "highest_price_fen"),
    sa.Text(): ("fund_by_level",),
}  # fmt: skip


def upgrade() -> None:
    for table, added in (("ground_participation", OF_PARTICIPATION), ("ground_certification", OF_CERTIFICATION)):
        for kind, names in added.items():
            for name in names:
                op.add_column(table, sa.Column(name, kind, nullable=True))
    # Whoever still runs the code of before stores grounds without it; the new rules compute them all anew.
    op.add_column("ground_certification", sa.Column("record", sa.Uuid(), nullable=False, server_default=sa.text("gen_random_uuid()")))
    op.execute("UPDATE ground_certification SET record = certificate")
    op.drop_constraint("pk_ground_certification", "ground_certification", type_="primary")
    op.create_primary_key("pk_ground_certification", "ground_certification", ["record", "dossier"])
    op.alter_column("ground_certification", "certificate", nullable=True)
    op.add_column("replica_training_designation", sa.Column("standard", sa.Text(), nullable=True))
    op.execute("UPDATE replica_training_designation SET standard = state ->> 'level_code'")
    op.create_index("ix_replica_training_designation_standard", "replica_training_designation", ["standard"])
    op.create_index("ix_replica_training_class_level_code", "replica_training_class", [sa.literal_column("(state ->> 'level_code')")])
