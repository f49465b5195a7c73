"""A programme and its rules in words, for anybody."""

from fastapi.responses import Response

from evenhand.casework.explaintexts import words_in
from evenhand.web.visit import Visitor


def show(visit: Visitor) -> Response:
    """What the programme is for, who decides and how, what is kept and for how long."""
    programme = visit.programme
    parts = words_in(visit.language)
    return visit.page(
        "public/rules.html",
        programme=programme,
        need=programme.need_instrument(),
        yes=parts.percent(programme.rule.certain_yes),
        no=parts.percent(programme.rule.certain_no),
        reserved=parts.percent(programme.rule.reserved_share),
        threshold=visit.words.number(programme.threshold_value(), 2),
        districts=[each for region in programme.areas.regions for each in region.districts],
        back=f"/p/{programme.name}",
    )


ROUTES = (("GET", "/p/{programme}/rules", show),)
