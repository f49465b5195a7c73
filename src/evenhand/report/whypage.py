"""The why page as one HTML file: what the person can keep, print and show to somebody they trust."""

from evenhand.casework.explainparts import Explanation
from evenhand.casework.explaintell import Page, picture_words
from evenhand.report.explain import posterior_picture
from evenhand.report.page import page_of

COPY = {
    "en": "This is a copy of the page, without its button. To contest, open your own page with your code.",
    "ru": "Это копия страницы, кнопки в ней нет. Чтобы не согласиться, откройте свою страницу с помощью кода.",
}
"""Stands in the file where the page has its button."""


def render_why(explanation: Explanation, page: Page) -> str:
    """An explanation as one HTML page without scripts or anything from elsewhere.

    Args:
        explanation: what is explained.
        page: the same in words, in one language.

    Returns:
        The page's text, to be written as UTF-8. The same explanation gives the same bytes.
    """
    drawing = posterior_picture(explanation.measured, picture_words(explanation, page.language))
    text: str = page_of().get_template("why.html.j2").render(page=page, drawing=drawing, copy=COPY[page.language])
    return text
