"""Options of a calibration that say more than a word: components, and a scale to hold items of."""

from pathlib import Path

from evenhand.api import read_scale_record
from evenhand.cli.files import item_list
from evenhand.programme.scale import ScaleRecord
from evenhand.service.components import COMPONENTS, WRITE, check_components, components_error
from evenhand.service.link import FIES_GLOBAL


def components_of(
    text: str | None, *, instrument: str | None, items: str | None
) -> dict[str, tuple[str, ...]] | None:
    """The items of each component from `need=A,B;capacity=C,D`.

    Raises:
        OptionError: written otherwise, beside an instrument, or other items than --items.
    """
    if text is None:
        return None
    if instrument is not None:
        raise components_error("An instrument says itself what its items measure.", "Leave --components out.")
    found: dict[str, tuple[str, ...]] = {}
    for part in text.split(";"):
        name, equals, names = part.partition("=")
        listed = tuple(item_list(names) or ())
        if name.strip() not in COMPONENTS or name.strip() in found or not equals or not listed:
            raise components_error(f"{part!r} does not name a component and its items.", WRITE)
        found[name.strip()] = listed
    check_components(found, item_list(items))
    return found


def fixed_scale(fixed: str | None) -> ScaleRecord | str | None:
    """The scale that an option names: a scale file, or the name of a reference.

    Raises:
        ScaleFileError: the scale file cannot be read.
    """
    return fixed if fixed in {None, FIES_GLOBAL} else read_scale_record(Path(str(fixed)))
