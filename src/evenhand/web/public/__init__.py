"""Pages for everybody about a programme: its rules, its rounds, its statistics; and the ledger's checkpoints."""

from evenhand.web.public import ledger, rounds, rules, statistics

ROUTES = (*rules.ROUTES, *rounds.ROUTES, *statistics.ROUTES, *ledger.ROUTES)
