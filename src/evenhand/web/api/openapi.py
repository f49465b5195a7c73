"""The API's description, made from its models."""

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from evenhand.version import __version__
from evenhand.web.api.models import Collected, Collection, FaultBody, Figures, InvitationOrder, Issued

FAULTS = {
    "400": "The request is not as it must be.",
    "401": "There is no token, or it opens nothing.",
    "403": "The token does not open this.",
    "404": "The code collects nothing, or cannot be one.",
    "409": "The programme has no such district, or takes nobody in any more.",
    "413": "The body is too large.",
    "422": "The body is not as it must be.",
    "429": "Too many requests, or too many codes that collect nothing. `Retry-After` says how long to wait.",
    "503": "Too busy, or the store does not answer. `Retry-After` says how long to wait.",
}
_REF = "#/components/schemas/{model}"


@cache
def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    models = (InvitationOrder, Issued, Collection, Collected, Figures, FaultBody)
    _, schemas = models_json_schema([(each, "validation") for each in models], ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Evenhand for partners",
            "version": __version__,
            "description": "Issue invitations, redeem collection codes, read published statistics. Nothing here "
            "tells who took part.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": {
            "/invitations": {
                "post": _operation(
                    "issueInvitations", "Issue invitations (scope `invite`).", "201", Issued, InvitationOrder
                )
            },
            "/collections": {
                "post": _operation(
                    "redeemCode", "Redeem a collection code (scope `collect`).", "200", Collected, Collection
                )
            },
            "/figures": {
                "get": _operation(
                    "readFigures", "The partner's own figures (scope `invite` or `collect`).", "200", Figures
                )
            },
            "/statistics": {
                "get": _operation("readStatistics", "The published statistics (scope `statistics`).", "200", None)
            },
            "/openapi.json": {"get": _operation("readDescription", "This description.", "200", None)},
        },
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(name: str, summary: str, status: str, answer: Any, body: Any = None) -> dict[str, Any]:
    schema = {"type": "object"} if answer is None else _ref(answer)
    found: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "responses": {
            status: {"description": "Done.", "content": {"application/json": {"schema": schema}}},
            **{
                code: {"description": told, "content": {"application/json": {"schema": _ref(FaultBody)}}}
                for code, told in FAULTS.items()
            },
        },
    }
    if body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
    return found


def _ref(model: Any) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}
