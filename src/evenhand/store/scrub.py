"""What was erased, brought out of the files of the database too."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

from evenhand.store import schema


def scrubbed(connection: Connection, *, vacuum: bool) -> bool:
    """See `Store.scrub`. The connection is in no transaction."""
    sqlite = connection.dialect.name == "sqlite"
    return _scrub_sqlite(connection, vacuum) if sqlite else _scrub_postgres(connection, vacuum)


def _scrub_sqlite(connection: Connection, vacuum: bool) -> bool:
    if vacuum:
        connection.exec_driver_sql("VACUUM")
    row = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return int(row[0]) == 0


def _scrub_postgres(connection: Connection, vacuum: bool) -> bool:
    if vacuum:
        for table in (schema.event, schema.case_file, *schema.OF_A_CASE, *schema.LINKED):
            connection.execute(text(f"VACUUM FULL {table.name}"))
        connection.execute(text("CHECKPOINT"))
    return True
