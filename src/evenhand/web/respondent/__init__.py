"""The journey of a person who takes part: every step a page, every page without JavaScript.

start.py    before a code: what it is, the notice, the paper form, a complaint
joining.py  from an invitation to a case: what this is, consent, place; codes shown once
access.py   coming back: signing in, and the ways when a code is lost
asking.py   one question a page, check, finish, correct
case.py     the case: where it stands, result, why, decision, collecting
rights.py   contest, consent, contact, pause, leave, erase, copies
steps.py    which page comes next
"""

from evenhand.web.respondent import access, asking, case, joining, rights, start

ROUTES = (
    *asking.ROUTES,  # the router looks from the top, and these are asked for most
    *start.ROUTES,
    *joining.ROUTES,
    *access.ROUTES,
    *case.ROUTES,
    *rights.ROUTES,
)
