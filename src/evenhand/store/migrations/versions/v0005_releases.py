"""Releases of the public statistics, the privacy budget, and an index that counts a month by itself.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COUNT = sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def upgrade() -> None:
    """Make the tables of releases and budgets; replace the index of contributions."""
    op.create_table(
        "release",
        sa.Column("programme", sa.String(64), primary_key=True),
        sa.Column("period", sa.String(7), primary_key=True),
        sa.Column("document", sa.String(64), sa.ForeignKey("document.hash"), nullable=False),
        sa.Column("index", COUNT, sa.ForeignKey("leaf.index"), nullable=False),
    )
    op.create_table(
        "budget",
        sa.Column("programme", sa.String(64), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("spent", sa.Text, nullable=False),
    )
    op.drop_index("ix_contribution_month", table_name="contribution")
    op.create_index(
        "ix_contribution_cell", "contribution", ["programme", "month", "district", "need_class", "field_value"]
    )
