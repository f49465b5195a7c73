"""Indexes for histories, queues, rotation and months.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_event_case": ("event", ["case_id", "index"]),
    "ix_event_kind": ("event", ["kind", "index"]),
    "ix_case_file_queue": ("case_file", ["programme", "state", "since"]),
    "ix_case_key_version": ("case_key", ["programme", "key_version"]),
    "ix_invitation_partner": ("invitation", ["programme", "partner"]),
    "ix_contribution_month": ("contribution", ["programme", "month"]),
    "ix_submission_case": ("submission", ["case_id"]),
    "ix_collection_code_case": ("collection_code", ["case_id"]),
}


def upgrade() -> None:
    """Make the indexes."""
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)
