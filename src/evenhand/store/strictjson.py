"""JSON from strangers: one object, nothing doubled, no number that is not one, nothing that Python chokes on."""

import json
from typing import Any, NoReturn

MAX_BYTES = 1_000_000
"""Longer texts are refused unread."""


class InvalidJsonError(ValueError):
    """The text is not one plain JSON object; the message says why. Callers give it a code."""


def read_object(data: bytes) -> dict[str, Any]:
    """Read one JSON object.

    Args:
        data: UTF-8 text of at most a million bytes.

    Raises:
        InvalidJsonError: it is not one, is too long or too deep, names a field twice, or holds NaN, an infinity, a
            number of more than 4,300 digits or half of a surrogate pair.
    """
    if len(data) > MAX_BYTES:
        raise InvalidJsonError(f"it is longer than {MAX_BYTES:,} bytes")
    try:
        found = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except InvalidJsonError:
        raise
    except RecursionError as error:
        raise InvalidJsonError("it is nested too deep") from error
    except UnicodeError as error:
        raise InvalidJsonError("it is not UTF-8 text") from error
    except ValueError as error:
        raise InvalidJsonError("it is not JSON") from error
    if not isinstance(found, dict):
        raise InvalidJsonError("it is not an object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidJsonError("it names a field twice")
    return found


def _no_number(_text: str) -> NoReturn:
    raise InvalidJsonError("it holds something that is not a number")
