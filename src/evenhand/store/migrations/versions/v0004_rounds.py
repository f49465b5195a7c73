"""Tickets of rounds, with the erasable link to their cases.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of tickets."""
    op.create_table(
        "ticket",
        sa.Column("ticket", sa.String(32), primary_key=True),
        sa.Column("programme", sa.String(64), nullable=False),
        sa.Column("round", sa.String(64), nullable=False),
        sa.Column("case_id", sa.String(32), sa.ForeignKey("case_file.case_id")),
        sa.Column("p_class", sa.Integer, nullable=False),
        sa.Column("result", sa.String(16)),
    )
    op.create_index("ix_ticket_round", "ticket", ["programme", "round"])
    op.create_index("ix_ticket_case", "ticket", ["case_id"])
