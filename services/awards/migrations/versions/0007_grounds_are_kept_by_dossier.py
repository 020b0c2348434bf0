"""Grounds are kept by dossier: one that moves may be written at its new place before it leaves the old one."""

from alembic import op

revision = "0007"
down_revision = "0006"
KEYS = {
    "ground_participation": ["person", "training_class"],
    "ground_certification": ["certificate"],
    "ground_arrival": ["person"],
    "ground_delivery": ["placement"],
    "ground_partner_year": ["partner", "year"],
}


def upgrade() -> None:
    for table, columns in KEYS.items():
        op.drop_constraint(f"pk_{table}", table, type_="primary")
        op.create_primary_key(f"pk_{table}", table, [*columns, "dossier"])
