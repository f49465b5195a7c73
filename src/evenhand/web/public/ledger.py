"""The ledger's checkpoints and its public key, for anybody: who keeps one detects that the past was rewritten."""

from fastapi.responses import Response

from evenhand.errors import WebError
from evenhand.service.log import checkpoints
from evenhand.web.visit import Visitor


def show(visit: Visitor) -> Response:
    """Every signed checkpoint, newest first."""
    keys = visit.office.store.keys
    return visit.page(
        "public/ledger.html",
        rows=checkpoints(visit.office),
        verifier=str(keys.verifier),
        former=[str(key) for key in keys.former],
        origin=keys.verifier.name,
        back="/",
    )


def note_file(visit: Visitor, size: str) -> Response:
    """A checkpoint as it was signed."""
    found = next((each for each in checkpoints(visit.office) if str(each.size) == size), None)
    if found is None:
        raise WebError("web.not-found", "There is no such page.", mend="Look at the address.")
    headers = {"content-disposition": f'attachment; filename="checkpoint-{found.size}.txt"'}
    return Response(found.note, media_type="text/plain; charset=utf-8", headers=headers)


ROUTES = (("GET", "/ledger", show), ("GET", "/ledger/{size}", note_file))
