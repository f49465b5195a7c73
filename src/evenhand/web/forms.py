"""What a form sent: read strictly, within limits, and never repeated in a message."""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from evenhand.errors import WebError

MOST_FIELDS = 100
FORM = "application/x-www-form-urlencoded"
TOKEN_FIELD = "form"  # noqa: S105 - the name of a field

_KEY = secrets.token_bytes(32)
"""Of this process; sessions in memory end with it as well."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a form.

    Attributes:
        fields: every value of each field, in order.
    """

    fields: dict[str, tuple[str, ...]]

    def text(self, name: str, longest: int = 200) -> str:
        """The one value of a field, without control characters and outer spaces; empty where there is none.

        A longer text is cut one character after `longest`, so that the caller sees that it is too long.
        """
        found = self.fields.get(name, ())
        plain = "".join(c for c in (found[0] if found else "") if c in "\n\t" or unicodedata.category(c) != "Cc")
        return plain.strip()[: longest + 1]

    def ticked(self, name: str, value: str) -> bool:
        """Whether a box of a list was ticked."""
        return value in self.fields.get(name, ())

    def once(self, what: str) -> str | None:
        """A hash of the form's token and what it is for: the same for a form sent twice. None without a token."""
        token = self.text(TOKEN_FIELD)
        return hashlib.sha256(f"{what}|{token}".encode()).hexdigest() if token else None


def new_token(session: str) -> str:
    """A token for one showing of a form, bound to a session."""
    nonce = secrets.token_hex(12)
    return f"{nonce}.{_mac(session, nonce)}"


def is_token_of(session: str, token: str) -> bool:
    """Whether a form's token was made for that session."""
    nonce, _, mac = token.partition(".")
    return hmac.compare_digest(_mac(session, nonce).encode(), mac.encode())


def _mac(session: str, nonce: str) -> str:
    return hmac.new(_KEY, f"{session}|{nonce}".encode(), hashlib.sha256).hexdigest()[:40]


async def read_form(request: Request) -> Sent:
    """Read a form's fields from a request.

    Raises:
        WebError: it is no form, has too many fields or is not UTF-8; or nobody knows where it came from and its
            token is not this session's.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise no_form()
    body = await request.body()
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
    except ValueError:
        raise no_form() from None
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    sent = Sent(fields)
    require_origin(request, sent)
    return sent


def require_origin(request: Request, sent: Sent) -> None:
    """Where an old browser does not say where a form came from, its token has to be this session's.

    Raises:
        WebError: it is not.
    """
    if request.scope.get("evenhand.unknown_origin"):
        session = request.state.visit.session
        if session is None or not is_token_of(session.hashed, sent.text(TOKEN_FIELD)):
            raise WebError(
                "web.origin",
                "The form was not sent from a page of ours.",
                mend="Open the page again, and send the form from there.",
            )


Form = Annotated[Sent, Depends(read_form)]
"""Write `form: Form` in a handler."""


def no_form() -> WebError:
    """The error for something that is no form of ours."""
    return WebError("web.form", "This is not a form of ours.", mend="Open the page again, and send it from there.")
