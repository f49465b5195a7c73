"""The pictures of a report: one function a picture, each from the report's content.

Every function returns a `Picture`: its drawing, its words and its table. Those that may have nothing to show
return None instead.
"""

from evenhand.report.content import ReportContent
from evenhand.report.curves import precision_curve
from evenhand.report.dependence import local_dependence
from evenhand.report.dif import item_bias
from evenhand.report.fit import q3_null, s_x2
from evenhand.report.groups import prevalence
from evenhand.report.items import item_fit, item_map
from evenhand.report.joint import need_and_capacity
from evenhand.report.picture import Picture, Table
from evenhand.report.scores import raw_scores, score_distribution

__all__ = [
    "Picture",
    "Table",
    "all_pictures",
    "item_fit",
    "item_map",
    "local_dependence",
    "precision_curve",
    "prevalence",
    "raw_scores",
    "score_distribution",
]


def all_pictures(content: ReportContent) -> tuple[Picture, ...]:
    """Every picture that the content can fill, in the order of the page."""
    drawn = (
        item_map(content),
        precision_curve(content),
        item_fit(content),
        None if content.tests is None else s_x2(content.tests),
        local_dependence(content),
        None if content.tests is None else q3_null(content.tests),
        *(item_bias(each) for each in content.bias),
        score_distribution(content),
        raw_scores(content),
        prevalence(content),
        None if content.joint is None else need_and_capacity(content.joint),
    )
    return tuple(picture for picture in drawn if picture is not None)
