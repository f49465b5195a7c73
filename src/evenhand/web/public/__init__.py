"""Pages for everybody: the privacy promise; a programme's rules, rounds, statistics; the ledger's checkpoints."""

from evenhand.web.public import ledger, promise, rounds, rules, statistics

ROUTES = (*promise.ROUTES, *rules.ROUTES, *rounds.ROUTES, *statistics.ROUTES, *ledger.ROUTES)
