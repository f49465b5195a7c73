"""The tables. `event` is the truth; every other table about a case is its projection, or a key or code beside it.

    ledger        event, leaf, node, frontier, checkpoint, tombstone
    definitions   document, programme
    cases         case_file, case_key, access_code, submission, contribution, collection_code, ticket
    statistics    release, budget
    office        invitation, staff, meta

Times are text, ISO 8601 in UTC with whole seconds (`2026-11-22T15:00:00Z`), so that their order is the order of
the text and both databases keep them alike. Tables of a programme carry its name; none carries anything that
joins a person across programmes.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()

LATER = "/* later */"
"""Marks an INSERT that gives nothing back; another statement follows before the transaction ends (`pgcalls`)."""

Count = Integer().with_variant(BigInteger(), "postgresql")
"""An index of the ledger: 64 bits on both databases."""

meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

leaf = Table(
    "leaf",
    metadata,
    Column("index", Count, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

node = Table(
    "node",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("index", Count, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

frontier = Table(
    "frontier",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", Count, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", Count, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", String(20), nullable=False),
)

document = Table(
    "document",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

programme = Table(
    "programme",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("version", Text, nullable=False),
    Column("hash", String(128), nullable=False),
    Column("opened_at", String(20), nullable=False),
    Column("closed_at", String(20)),
)

case_file = Table(
    "case_file",
    metadata,
    Column("case_id", String(32), primary_key=True),
    Column("programme", String(64), nullable=False),
    Column("pseudonym", String(32), nullable=False, unique=True),
    Column("definition_hash", String(128), nullable=False),
    Column("invitation", String(64)),
    Column("opened_month", String(7), nullable=False),
    Column("tag", LargeBinary, nullable=False),
    Column("state", String(32), nullable=False),
    Column("since", String(20), nullable=False),
    Column("district", String(128)),
    Column("language", String(32)),
    Column("proposal", String(32)),
    Column("restricted", Boolean, nullable=False),
    Column("appeal_open", Boolean, nullable=False),
    Column("answer_by", String(20)),
    Column("updated_at", String(20), nullable=False),
    Column("last_index", Count, nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("index", Count, ForeignKey(leaf.c.index), primary_key=True, autoincrement=False),
    Column("at", String(20), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("programme", String(64), nullable=False),
    Column("case_id", String(32), ForeignKey(case_file.c.case_id)),
    Column("salt", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

tombstone = Table(
    "tombstone",
    metadata,
    Column("index", Count, ForeignKey(leaf.c.index), primary_key=True, autoincrement=False),
    Column("cause", String(32), nullable=False),
    Column("at", String(20), nullable=False),
    Column("event_index", Count, ForeignKey(leaf.c.index), nullable=False),
)

case_key = Table(
    "case_key",
    metadata,
    Column("case_id", String(32), ForeignKey(case_file.c.case_id), primary_key=True),
    Column("programme", String(64), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("key_version", Integer, nullable=False),
)

invitation = Table(
    "invitation",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("programme", String(64), nullable=False),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("partner", String(128), nullable=False),
    Column("district", String(128)),
    Column("issued_at", String(20), nullable=False),
    Column("expires_at", String(20), nullable=False),
    Column("used_at", String(20)),
    Column("year", Integer),
    Column("cells_used", Integer, nullable=False),
)

access_code = Table(
    "access_code",
    metadata,
    Column("case_id", String(32), ForeignKey(case_file.c.case_id), primary_key=True),
    Column("programme", String(64), nullable=False),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("recovery_hash", String(64)),
    Column("issued_at", String(20), nullable=False),
    Column("reissue_after", String(20)),
    Column("slip_hash", String(64)),
)

collection_code = Table(
    "collection_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("programme", String(64), nullable=False),
    Column("case_id", String(32), ForeignKey(case_file.c.case_id)),
    Column("support", String(128), nullable=False),
    Column("issued_at", String(20), nullable=False),
    Column("presented_at", String(20)),
    Column("presented_by", String(128)),
)

ticket = Table(
    "ticket",
    metadata,
    Column("ticket", String(32), primary_key=True),
    Column("programme", String(64), nullable=False),
    Column("round", String(64), nullable=False),
    Column("case_id", String(32), ForeignKey("case_file.case_id")),
    Column("p_class", Integer, nullable=False),
    Column("result", String(16)),
)

contribution = Table(
    "contribution",
    metadata,
    Column("case_id", String(32), ForeignKey(case_file.c.case_id), primary_key=True),
    Column("programme", String(64), nullable=False),
    Column("invitation", String(64)),
    Column("district", String(128), nullable=False),
    Column("month", String(7), nullable=False),
    Column("need_class", Integer, nullable=False),
    Column("field_value", Text),
)

release = Table(
    "release",
    metadata,
    Column("programme", String(64), primary_key=True),
    Column("period", String(7), primary_key=True),
    Column("document", String(64), ForeignKey(document.c.hash), nullable=False),
    Column("index", Count, ForeignKey(leaf.c.index), nullable=False),
)

budget = Table(
    "budget",
    metadata,
    Column("programme", String(64), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("spent", Text, nullable=False),
)

submission = Table(
    "submission",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("case_id", String(32), ForeignKey(case_file.c.case_id), nullable=False),
    Column("event_index", Count, ForeignKey(leaf.c.index), nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("password_hash", Text),
    Column("totp_secret_enc", LargeBinary),
    Column("disabled_at", String(20)),
)

Index("ix_event_case", event.c.case_id, event.c.index)
Index("ix_event_kind", event.c.kind, event.c.index)
Index("ix_case_file_queue", case_file.c.programme, case_file.c.state, case_file.c.since)
Index("ix_case_key_version", case_key.c.programme, case_key.c.key_version)
Index("ix_invitation_partner", invitation.c.programme, invitation.c.partner)
# Counting a month reads this index alone, in its order: no row of a case is touched.
Index(
    "ix_contribution_cell",
    contribution.c.programme,
    contribution.c.month,
    contribution.c.district,
    contribution.c.need_class,
    contribution.c.field_value,
)
# Frozen cases are few, and each month's counts are less by them. The words are those in which the query asks.
Index(
    "ix_case_file_frozen",
    case_file.c.programme,
    case_file.c.case_id,
    sqlite_where=text("restricted = 1"),
    postgresql_where=text("restricted"),
)
Index("ix_submission_case", submission.c.case_id)
Index("ix_collection_code_case", collection_code.c.case_id)
Index("ix_ticket_round", ticket.c.programme, ticket.c.round)
Index("ix_ticket_case", ticket.c.case_id)

OF_A_CASE: tuple[Table, ...] = (case_key, access_code, submission, contribution)
"""Tables whose rows go with their case."""

LINKED: tuple[Table, ...] = (collection_code, ticket)
"""Tables whose rows stay, for the partner or for the replay of a round, and lose their link to the case."""
