"""The public statistics: a year of person-months counted, charged, drawn and kept. `publish.py [--quick]`.

Twelve months of 100 districts in 10 regions, ten need classes and an extra field of three values: 39,600 noisy
values. SQLite on a file with 10,000,000 rows (`--quick`: 200,000), PostgreSQL with a tenth of them. One case in
4,096 is frozen and is not counted. Rows are laid in by the database itself; releasing runs in a process of its
own, whose greatest memory is told. Run it from the root of the repository.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import text

from evenhand.programme.definition import Programme
from evenhand.service.office import Office
from evenhand.service.open_programme import open_programme
from evenhand.service.public_statistics import area_model
from evenhand.service.publish import publish
from evenhand.statistics.figures import figures
from evenhand.statistics.release import layout_of
from evenhand.store.keys import FileKeys
from evenhand.store.releases import kept_release
from evenhand.store.store import open_store
from tests.service.offices import ANALYST, TOWN, town_like
from tests.store.stores import PostgresBox

ROWS = 200_000 if "--quick" in sys.argv else 10_000_000
REGIONS = DISTRICTS = 10

OPENED = datetime(2026, 1, 5, 10, tzinfo=UTC)
AFTER = datetime(2027, 1, 3, 10, tzinfo=UTC)

VALUES = """'{town}', 'i', 'd' || (n % 100), '2026-' || substr('0' || (1 + n / 100 % 12), -2), n / 1200 % 10,
    CASE n / 12000 % 3 WHEN 0 THEN 'alone' WHEN 1 THEN 'others' END"""
COLUMNS = "case_id, programme, invitation, district, month, need_class, field_value"
SQLITE = f"""WITH RECURSIVE row(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM row WHERE n + 1 < {{rows}})
    INSERT INTO contribution ({COLUMNS}) SELECT printf('%032x', n), {VALUES} FROM row"""  # noqa: S608 - fixed text
POSTGRES = f"""INSERT INTO contribution ({COLUMNS})
    SELECT lpad(to_hex(n), 32, '0'), {VALUES.replace("substr('0' ||", "right('0' ||").replace("), -2)", "), 2)")}
    FROM generate_series(0, {{rows}} - 1) AS row(n)"""  # noqa: S608 - fixed text
FILES = """INSERT INTO case_file (case_id, programme, pseudonym, definition_hash, opened_month, tag, state, since,
    restricted, appeal_open, updated_at, last_index)
    SELECT case_id, programme, case_id, 'd', month, {blob}, 'proposed', month, {true}, {false}, month, 0
    FROM contribution WHERE substr(case_id, 30) = '000'"""


def large_town() -> Programme:
    def named(key: str) -> dict[str, object]:
        return {"key": key, "name": {"en": key, "ru": key}}

    regions = [
        {**named(f"r{r}"), "districts": [named(f"d{10 * r + d}") for d in range(DISTRICTS)]}
        for r in range(REGIONS)
    ]
    return town_like(
        areas={"source": "invented", "regions": regions}, statistics={"cells_per_invitation_year": 12}
    )


def fill(url: str, keys: Path, rows: int) -> float:
    """Lay the rows in; seconds."""
    with open_store(url, FileKeys(keys)) as store:
        store.migrate()
        open_programme(Office(store, lambda: OPENED), ANALYST, large_town())
        begun = time.perf_counter()
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if store.is_sqlite:
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")  # the cases themselves are not laid in
            else:
                connection.execute(text("SET session_replication_role = replica"))  # likewise
            insert = (SQLITE if store.is_sqlite else POSTGRES).format(town=TOWN, rows=rows)
            connection.exec_driver_sql(insert)
            words = ("x''", "1", "0") if store.is_sqlite else ("''::bytea", "true", "false")
            connection.exec_driver_sql(FILES.format(blob=words[0], true=words[1], false=words[2]))
            if not store.is_sqlite:
                connection.exec_driver_sql("VACUUM ANALYZE contribution, case_file")
        return time.perf_counter() - begun


def release(url: str, keys: str) -> None:
    """In a process of its own: release the year; then the figures of one month."""
    with open_store(url, FileKeys(Path(keys))) as store:
        office = Office(store, lambda: AFTER)
        begun, worked = time.perf_counter(), time.process_time()
        months = publish(office, ANALYST, TOWN)
        seconds, processor = time.perf_counter() - begun, time.process_time() - worked
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        with store.reading() as reading:
            kept = kept_release(reading, TOWN, "2026-06")
            definition = office.programme(reading, TOWN)
        assert kept is not None
        assert len(months) == 12
        counted = sum(each.value for each in kept.release.cells) * 12
        begun = time.perf_counter()
        found = figures(
            (kept.release,),
            layout_of(definition),
            area_model(definition, ("moderate", "severe")),
            period="2026-06",
        )
    print(
        json.dumps(
            {
                "seconds": seconds,
                "processor": processor,
                "memory": memory,
                "counted": counted,
                "figures": len(found),
                "figures_seconds": time.perf_counter() - begun,
            }
        )
    )


def measured(name: str, url: str, keys: Path, rows: int) -> None:
    filled = fill(url, keys, rows)
    command = [sys.executable, __file__, "--release", url, str(keys)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert abs(found["counted"] / rows - 1) < 0.1, "the noisy year is not about the rows laid in"
    print(
        f"{name}: {rows:,} person-months counted and released in {found['seconds']:.1f} s "
        f"({found['processor']:.1f} s of the process), {found['memory']:.0f} MiB at most "
        f"(laid in in {filled:.0f} s); {found['figures']} figures of a month in {found['figures_seconds']:.1f} s",
        flush=True,
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys"
        FileKeys.create(keys, "town.example/evenhand")
        measured("SQLite", f"sqlite:///{folder}/store.db", keys, ROWS)
        box = PostgresBox()
        try:
            measured("PostgreSQL", box.new_url(), keys, ROWS // 10)
        finally:
            box.close()


if __name__ == "__main__":
    if "--release" in sys.argv:
        release(*sys.argv[-2:])
    else:
        main()
