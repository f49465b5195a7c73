"""Reports of checks, comparisons and item bias: from what a service found to what a report shows."""

from dataclasses import replace

import numpy as np

from evenhand.measure.patterns import collapse
from evenhand.programme.answers import Answers
from evenhand.programme.scale import ScaleRecord
from evenhand.report.analysis import Page, render_bias, render_comparison
from evenhand.report.build import build_content
from evenhand.report.comparison import ComparisonContent, ModelRow
from evenhand.report.dif import BiasContent, BiasRow
from evenhand.report.fit import ChiSquareRow, FitTests, NullContent
from evenhand.report.page import render_report
from evenhand.service.compare import ModelComparison
from evenhand.service.dif import Dif, DifMethod
from evenhand.service.fit_statistics import Dependence, Fit

AXES: dict[DifMethod, str] = {
    "mh": "ETS delta (graded: SMD / SD), above 0 more readily",
    "logistic": "log odds, above 0 more readily",
    "lr": "severity, group less reference",
}


def check_page(record: ScaleRecord, answers: Answers, found: Fit, bias: Dif | None) -> str:
    """The HTML report of a check: the scale's, on these answers, with the tests of fit and item bias."""
    content = build_content(
        record,
        collapse(answers.responses, missing=record.missing),
        found.items,
        title=f"Check of {record.instrument.name}",
        source=f"Answers from {answers.source}",
        left_out=found.notes,
    )
    content = replace(
        content,
        tests=fit_tests(found),
        bias=() if bias is None else bias_contents(bias),
        warnings=(*found.findings, *(() if bias is None else bias.findings), *content.warnings),
    )
    return render_report(content)


def fit_tests(found: Fit) -> FitTests:
    """S-X2 and the null distribution of Q3, as a report shows them."""
    rows: tuple[ChiSquareRow, ...] = ()
    if found.s_x2 is not None and found.s_x2_adjusted is not None:
        test = found.s_x2
        columns = (found.names, test.statistic, test.df, found.s_x2_adjusted, test.rmsea)
        rows = tuple(
            ChiSquareRow(name, float(statistic), int(df), _known(p), _known(rmsea))
            for name, statistic, df, p, rmsea in zip(*columns, strict=True)
        )
    return FitTests(rows, None if found.dependence is None else _null(found, found.dependence))


def _null(found: Fit, tested: Dependence) -> NullContent:
    above = tested.q3 - tested.mean
    first, second = np.triu_indices(len(above), 1)
    values = [
        (found.names[i], found.names[j], float(above[i, j]))
        for i, j in zip(first, second, strict=True)
        if np.isfinite(above[i, j])
    ]
    values.sort(key=lambda pair: -pair[2])
    return NullContent(tested.null.above_mean, tested.critical, tuple(values), tested.seed, tested.people)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def bias_contents(found: Dif) -> tuple[BiasContent, ...]:
    """Item bias as a report shows it, one content a method."""
    methods = tuple(dict.fromkeys(row.method for row in found.items))
    return tuple(
        BiasContent(
            found.reference,
            AXES[method],
            tuple(
                BiasRow(
                    row.item, row.group, row.effect, row.low, row.high, row.p_adjusted, row.size or "", row.flagged
                )
                for row in found.items
                if row.method == method
            ),
            method,
        )
        for method in methods
    )


def bias_page(answers: Answers, found: Dif) -> str:
    """The HTML report of a search for item bias."""
    groups = ", ".join(
        f"{each.label} ({'too few people' if each.n is None else format(each.n, ',')})" for each in found.groups
    )
    words = Page(
        f"Item bias by {found.column}",
        f"Answers from {answers.source}",
        found.findings,
        found.notes,
        (("Reference", found.reference), ("Groups", groups)),
    )
    return render_bias(words, bias_contents(found))


def comparison_page(answers: Answers, found: ModelComparison) -> str:
    """The HTML report of a comparison of models."""
    models = tuple(
        ModelRow(
            each.name,
            each.loglik,
            each.n_parameters,
            None if each.criteria is None else each.criteria.aic,
            None if each.criteria is None else each.criteria.bic,
            None if each.criteria is None else each.criteria.sabic,
            "" if each.overall is None else each.overall.kind,
            None if each.overall is None else each.overall.rmsea,
            each.converged,
        )
        for each in found.models
    )
    weights = "none" if found.weights_kind is None else found.weights_kind
    words = Page(
        "Comparison of models",
        f"Answers from {answers.source}",
        found.findings or ("These models cannot be compared by their likelihoods.",),
        found.notes,
        (
            ("People", f"{found.n:,.0f}"),
            ("Weights", weights),
            *(
                (each.name, f"log-likelihood {each.loglik:,.2f}, {each.n_parameters} parameters")
                for each in models
            ),
        ),
    )
    return render_comparison(words, ComparisonContent(models))
