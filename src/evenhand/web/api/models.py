"""What goes over the API: strict models, without room for anything else."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MOST = 10_000
"""Invitations of one call."""


def _whole(value: Any) -> Any:
    """A whole number however JSON writes it: for JSON Schema 3.0 is an integer too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Strict(BaseModel):
    """No other field, no conversion."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class InvitationOrder(Strict):
    """An order of invitations."""

    count: Annotated[int, Field(ge=1, le=MOST, description="How many."), BeforeValidator(_whole)]
    district: Annotated[
        str | None, Field(min_length=1, max_length=128, description="Key of the district that they are meant for.")
    ] = None


class Issued(Strict):
    """New invitations; their codes are told this once."""

    codes: Annotated[tuple[str, ...], Field(description="In groups of four.")]
    expires: Annotated[str, Field(description="Last day, ISO date.")]


class Collection(Strict):
    """A collection code as a person showed it."""

    code: Annotated[
        str, Field(min_length=1, max_length=64, description="The code; dashes and spaces do not matter.")
    ]


class Collected(Strict):
    """What is to be handed out."""

    support: Annotated[str, Field(description="Name of the kind of support.")]


class Figures(Strict):
    """A partner's own figures."""

    partner: str
    programme: str
    issued: Annotated[int, Field(ge=0, description="Invitations issued to the partner.")]
    presented: Annotated[
        dict[str, int], Field(description="Collection codes presented to it, by kind of support.")
    ]
    erased: Annotated[int, Field(ge=0, description="How many of these belong to nobody any more.")]


class Fault(Strict):
    """What went wrong; nothing of what was sent is in it."""

    code: str
    what: str
    mend: str


class FaultBody(Strict):
    """The body of every answer that is no success."""

    error: Fault
