"""Cases, their events and keys, codes, and the office.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COUNT = sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    _cases()
    _codes()
    _office()


def _cases() -> None:
    op.create_table(
        "case_file",
        sa.Column("case_id", sa.String(32), primary_key=True),
        sa.Column("programme", sa.String(64), nullable=False),
        sa.Column("pseudonym", sa.String(32), nullable=False, unique=True),
        sa.Column("definition_hash", sa.String(128), nullable=False),
        sa.Column("invitation", sa.String(64)),
        sa.Column("opened_month", sa.String(7), nullable=False),
        sa.Column("tag", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("since", sa.String(20), nullable=False),
        sa.Column("district", sa.String(128)),
        sa.Column("language", sa.String(32)),
        sa.Column("proposal", sa.String(32)),
        sa.Column("restricted", sa.Boolean, nullable=False),
        sa.Column("appeal_open", sa.Boolean, nullable=False),
        sa.Column("answer_by", sa.String(20)),
        sa.Column("updated_at", sa.String(20), nullable=False),
        sa.Column("last_index", COUNT, nullable=False),
    )
    op.create_table(
        "event",
        sa.Column("index", COUNT, sa.ForeignKey("leaf.index"), primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("programme", sa.String(64), nullable=False),
        sa.Column("case_id", sa.String(32), sa.ForeignKey("case_file.case_id")),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "tombstone",
        sa.Column("index", COUNT, sa.ForeignKey("leaf.index"), primary_key=True, autoincrement=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("at", sa.String(20), nullable=False),
        sa.Column("event_index", COUNT, sa.ForeignKey("leaf.index"), nullable=False),
    )
    op.create_table(
        "case_key",
        sa.Column("case_id", sa.String(32), sa.ForeignKey("case_file.case_id"), primary_key=True),
        sa.Column("programme", sa.String(64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("key_version", sa.Integer, nullable=False),
    )
    op.create_table(
        "contribution",
        sa.Column("case_id", sa.String(32), sa.ForeignKey("case_file.case_id"), primary_key=True),
        sa.Column("programme", sa.String(64), nullable=False),
        sa.Column("invitation", sa.String(64)),
        sa.Column("district", sa.String(128), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("need_class", sa.Integer, nullable=False),
        sa.Column("field_value", sa.Text),
    )


def _codes() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("programme", sa.String(64), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("partner", sa.String(128), nullable=False),
        sa.Column("district", sa.String(128)),
        sa.Column("issued_at", sa.String(20), nullable=False),
        sa.Column("expires_at", sa.String(20), nullable=False),
        sa.Column("used_at", sa.String(20)),
        sa.Column("year", sa.Integer),
        sa.Column("cells_used", sa.Integer, nullable=False),
    )
    op.create_table(
        "access_code",
        sa.Column("case_id", sa.String(32), sa.ForeignKey("case_file.case_id"), primary_key=True),
        sa.Column("programme", sa.String(64), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("recovery_hash", sa.String(64)),
        sa.Column("issued_at", sa.String(20), nullable=False),
        sa.Column("reissue_after", sa.String(20)),
        sa.Column("slip_hash", sa.String(64)),
    )
    op.create_table(
        "collection_code",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("programme", sa.String(64), nullable=False),
        sa.Column("case_id", sa.String(32), sa.ForeignKey("case_file.case_id")),
        sa.Column("support", sa.String(128), nullable=False),
        sa.Column("issued_at", sa.String(20), nullable=False),
        sa.Column("presented_at", sa.String(20)),
        sa.Column("presented_by", sa.String(128)),
    )
    op.create_table(
        "submission",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("case_id", sa.String(32), sa.ForeignKey("case_file.case_id"), nullable=False),
        sa.Column("event_index", COUNT, sa.ForeignKey("leaf.index"), nullable=False),
    )


def _office() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("totp_secret_enc", sa.LargeBinary),
        sa.Column("disabled_at", sa.String(20)),
    )
