"""How to sign in to the demo town: a password and a second factor for each of its staff, a token for a partner.

They are as random as everywhere else and lie in a private file: a demo that is reachable is not open.
"""

import os
import secrets
from pathlib import Path

from evenhand.service.office import open_office
from evenhand.service.sign_in import set_password
from evenhand.service.staff import actor_of, list_staff
from evenhand.service.tokenbook import SCOPES
from evenhand.service.tokens import new_token

SIGN_INS = "demo-sign-ins.txt"
ADMINISTRATOR, PARTNER = "anna", "library"


def write_sign_ins(folder: Path, programme: str) -> Path:
    """Give everyone who works in the demo town a way in, and write them into a private file.

    Args:
        folder: the town's office.
        programme: its programme.

    Returns:
        The file.
    """
    lines = ["Sign in at /staff/sign-in with name and password, then a code of the second factor.", ""]
    office = open_office(folder)
    with office.store:
        administrator = actor_of(office, ADMINISTRATOR)
        for row in list_staff(office, administrator):
            password = secrets.token_urlsafe(12)
            made = set_password(office, administrator, row.name, password)
            lines.append(f"{row.name} ({', '.join(row.roles)}): password {password}, second factor {made.secret}")
        token = new_token(office, administrator, PARTNER, programme, SCOPES)
        lines += ["", f"The partner {PARTNER} signs in at /partner/sign-in with the token {token.token}"]
    path = folder / SIGN_INS
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return path
