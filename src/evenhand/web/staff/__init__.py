"""The pages of staff, behind a password and a second factor.

sign_in.py   password, one-time code, sign out
who.py       who a visitor is: looked up again with every request
start.py     what each role can do
cases.py     the queue, a case, decisions, answers to appeals
assist.py    taking somebody in who sits beside
analyst.py   what a programme means, its expected errors, its instrument
calibrations.py       calibrations on uploaded files, and item bias
calibrations_kept.py  where such files are meanwhile: a private folder, one thread, an hour
calibrations_run.py   the work on one of them
rounds.py    rounds: plan, close, draw, reveal
auditor.py   the log and its proofs, access
evidence.py  figures for auditors, made apart from requests
replay.py    a round recomputed from the stored list
office.py    staff and roles, checkpoints, the sweep
"""

from fastapi import FastAPI

from evenhand.web.limits import Tries
from evenhand.web.staff import (
    analyst,
    assist,
    auditor,
    calibrations,
    cases,
    evidence,
    office,
    replay,
    rounds,
    sign_in,
    start,
    who,
)

ROUTES = (
    *sign_in.ROUTES,
    *start.ROUTES,
    *cases.ROUTES,
    *assist.ROUTES,
    *analyst.ROUTES,
    *calibrations.ROUTES,
    *rounds.ROUTES,
    *auditor.ROUTES,
    *evidence.ROUTES,
    *replay.ROUTES,
    *office.ROUTES,
)


def prepare(app: FastAPI) -> None:
    """Let the app know staff: who they are, where they sign in, and how often somebody may try."""
    web, limits = app.state.web, app.state.web.settings.limits
    window = limits.tries_window.total_seconds()
    app.state.logins = Tries(limits.tries_per_address, 10**9, window)
    web.identify.append(who.staff_roles)
    for role in ("caseworker", "analyst", "auditor", "administrator"):
        web.sign_in_paths[role] = sign_in.PATH
    calibrations.prepare(app)
    evidence.prepare(app)


def end(app: FastAPI) -> None:
    """Leave nothing behind that was uploaded, and begin nothing more."""
    app.state.calibrations.close()
    evidence.end(app)
