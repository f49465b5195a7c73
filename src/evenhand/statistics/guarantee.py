"""The guarantee as a statement for machines, `guarantee.json`; `docs/privacy-promise.md` says it in words."""

import json
from fractions import Fraction
from typing import Any

from evenhand.statistics.budget import BudgetLedger, Plan
from evenhand.statistics.noise import epsilon

FORMAT = "evenhand.guarantee/1"
YEARS = (1, 2, 3, 5)

UNIT = "one invitation's whole contribution to this programme in a calendar year"

CONDITIONS = (
    "A person with two invitations is two units, and so is one who joins again after an erasure.",
    "The item parameters and the latent distribution are published or from earlier people, never fitted to the "
    "people of the year that is released.",
    "The list of districts, the need classes and the values of the extra field are public and fixed beforehand.",
    "What is released leaves with its charge, once; nothing else that is computed from answers is made public, "
    "but for what is named as outside.",
    "A store brought back from a backup knows every month released since the backup.",
    "The noise comes from the operating system's generator and is kept by nobody.",
    "Years and programmes add up.",
)

OUTSIDE = (
    "The public files of rounds (ticket, class of probability, result): the guarantee holds given those files.",
    "What auditors and staff see inside.",
    "What a person tells about themselves, and what others know without these statistics.",
)


def guarantee(ledger: BudgetLedger) -> dict[str, Any]:
    """The statement, as JSON-able values. Losses are exact fractions in text beside rounded numbers.

    Args:
        ledger: the programme's plan and its charges so far.
    """
    plan = ledger.plan
    cells, regions = plan.cells_mechanism(), plan.regions_mechanism()
    years = sorted({int(each.month[:4]) for each in ledger.charges})
    return {
        "format": FORMAT,
        "programme": plan.programme,
        "unit": UNIT,
        "neighbours": "all that one invitation ever did is added or removed",
        "definition": "zero-concentrated differential privacy, told as (epsilon, delta)",
        "rho_per_year": _loss(plan.rho_per_year),
        "delta": plan.delta,
        "epsilon_per_year": epsilon(plan.rho_per_year, plan.delta),
        "years": [{"years": n, **_both(plan, n * plan.rho_per_year)} for n in YEARS],
        "cells_per_invitation_year": plan.cells_a_year,
        "sensitivity": {"norm": "L2", "of_a_month": 1, "squared_of_a_year": plan.cells_a_year},
        "mechanism": "discrete Gaussian on whole numbers, independent in each cell",
        "month": {
            "rho": _loss(plan.month_cost),
            "cells": {"rho": _loss(cells.rho), "sigma": cells.sigma, "accounted": cells.cost()},
            "regions": {"rho": _loss(regions.rho), "sigma": regions.sigma, "accounted": regions.cost()},
        },
        "charged": [
            {
                "year": year,
                "months": [each.month for each in ledger.charges if each.month.startswith(f"{year}-")],
                **_both(plan, ledger.spent(year)),
            }
            for year in years
        ],
        "charged_over_all_years": _both(plan, ledger.over_years()),
        "conditions": list(CONDITIONS),
        "outside": list(OUTSIDE),
    }


def guarantee_json(ledger: BudgetLedger) -> str:
    """The statement as a file's text, the same for the same ledger."""
    return json.dumps(guarantee(ledger), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _both(plan: Plan, rho: Fraction) -> dict[str, Any]:
    return {"rho": _loss(rho), "epsilon": epsilon(rho, plan.delta)}


def _loss(rho: Fraction) -> dict[str, Any]:
    return {"exact": str(rho), "value": float(rho)}
