"""Drafts of the records and assessments that the law or good practice asks of who runs a programme.

A draft repeats what the programme's files say, and asks its controller for the rest. It invents nothing, and it is
no legal advice: whoever answers for the programme answers for the final text.
"""

from evenhand.audit import registerfacts as facts
from evenhand.audit.draft import REGISTERS, Draft, DraftField, DraftSection, Register, asked, filled, first
from evenhand.audit.expect import Expectation
from evenhand.errors import OptionError
from evenhand.programme.definition import Programme

ATRS = "UK Algorithmic Transparency Recording Standard, sections of template 3.0"
FRIA = "Regulation (EU) 2024/1689 (AI Act), Article 27(1)(a) to (f)"
DPIA = "Regulation (EU) 2016/679 (GDPR), Article 35(7)(a) to (d), with 35(2), 35(9), 35(11) and 36"
CARD = "Evenhand instrument card"


def draft(
    programme: Programme, register: Register, *, language: str = "en", expectation: Expectation | None = None
) -> Draft:
    """The draft of one register.

    Args:
        programme: its definition.
        register: `atrs`, `fria`, `dpia` or `instrument-card`.
        language: of the programme's own words where it has them; the draft's frame is English.
        expectation: expected errors from `service.expect`, for the fields on risk.

    Raises:
        OptionError: no such register.
    """
    if register not in REGISTERS:
        raise OptionError(
            "audit.register",
            f"There is no draft of {register!r}.",
            why=f"There are: {', '.join(REGISTERS)}.",
            mend="Name one of them.",
        )
    title = first(programme.title, language)
    under, heading, sections = {
        "atrs": (ATRS, "Algorithmic transparency record", _atrs),
        "fria": (FRIA, "Fundamental rights impact assessment", _fria),
        "dpia": (DPIA, "Data protection impact assessment", _dpia),
        "instrument-card": (CARD, "Instrument card", _card),
    }[register]
    return Draft(
        register,
        f"{heading} (draft): {title}",
        under,
        programme.name,
        programme.hash(),
        sections(programme, language, expectation),
    )


def _atrs(programme: Programme, language: str, expectation: Expectation | None) -> tuple[DraftSection, ...]:
    return (
        DraftSection(
            "Tier 1: overview",
            (
                filled("Name", first(programme.title, language)),
                filled("Description", facts.what_it_does(programme, language)),
                asked("Website URL", "where the public page of the programme is"),
                asked("Contact email", f"the address; the programme's file gives: {programme.controller.contact}"),
            ),
        ),
        DraftSection("Tier 2: owner and responsibility", _owner(programme)),
        DraftSection(
            "Tier 2: description and rationale",
            (
                filled("Detailed description", f"{facts.rule(programme)} {facts.budget(programme, language)}"),
                filled("Scope", f"{facts.period(programme)} {facts.never()}"),
                asked("Benefit", "what the programme is expected to bring, and how that will be seen"),
                asked("Previous process", "how support was given before"),
                asked("Alternatives considered", "which other ways were weighed, and why they were not taken"),
            ),
        ),
        DraftSection(
            "Tier 2: decision-making process",
            (
                filled("Process integration", facts.rule(programme)),
                filled("Human decisions and review", facts.human_review()),
                asked("Frequency and scale of usage", "how many people a month are expected"),
                asked("Required training", "what caseworkers learn before they decide"),
                filled("Appeals and review", facts.appeals(programme)),
            ),
        ),
        DraftSection("Tier 2: tool specification", _tool(programme, language)),
        DraftSection(
            "Tier 2: risks, mitigations and impact assessments",
            (
                asked("Impact assessments", "name, date and address of the assessments that were made"),
                _errors("Risks", expectation, "and the risks that the simulation cannot show"),
            ),
        ),
    )


def _owner(programme: Programme) -> tuple[DraftField, ...]:
    return (
        filled("Organisation or department", programme.controller.name),
        asked("Team", "the team that runs the programme"),
        asked("Senior responsible owner", "the role of the person who answers for it"),
        asked("External supplier involvement", "whether a supplier is involved, who, with what access to data"),
    )


def _tool(programme: Programme, language: str) -> tuple[DraftField, ...]:
    return (
        filled("System architecture", f"Evenhand, open source (Apache-2.0). {facts.protection()}"),
        filled("Phase", facts.period(programme)),
        asked("Maintenance", "how often the scale and the rule are reviewed, and by whom"),
        filled("Models", facts.model(programme)),
        filled("Data collected", facts.data(programme, language)),
        filled("Sensitive attributes", facts.never()),
        asked("Data completeness and representativeness", "who could not be reached by invitations"),
        filled("Retention", facts.retention(programme)),
        filled("Data sharing", f"{facts.published()} {facts.statistics(programme)}", "what the controller shares"),
        asked("Access", "who in the organisation has access, in which role"),
    )


def _fria(programme: Programme, language: str, expectation: Expectation | None) -> tuple[DraftSection, ...]:
    areas = ", ".join(first(region.name, language) for region in programme.areas.regions)
    return (
        DraftSection(
            "(a) Processes in which the system is used",
            (
                filled("Purpose", first(programme.purpose, language)),
                filled("Process", f"{facts.rule(programme)} {facts.human_review()}"),
                asked("Intended purpose", "why this use is the one that the system is meant for"),
            ),
        ),
        DraftSection(
            "(b) Period and frequency",
            (filled("Period", facts.period(programme)), asked("Frequency", "how many people, and how often")),
        ),
        DraftSection(
            "(c) People and groups likely to be affected",
            (
                filled("People", f"Those invited in: {areas}.", "who they are, and who is not invited"),
                asked("Groups", "groups likely to be affected, among them those whom invitations do not reach"),
            ),
        ),
        DraftSection(
            "(d) Specific risks of harm",
            (
                _errors("Errors of targeting", expectation, "what an error means for the person it befalls"),
                asked("Other risks", "by group of (c), such as stigma, exposure at home, and being left out"),
            ),
        ),
        DraftSection(
            "(e) Human oversight",
            (
                filled("Measures", facts.human_review()),
                asked("Persons", "who oversees, with what competence, training, authority and time"),
            ),
        ),
        DraftSection(
            "(f) If risks materialise",
            (
                filled("Appeals and complaints", facts.appeals(programme)),
                asked("Governance", "who stops the programme, on which sign, and who is told"),
            ),
        ),
        DraftSection(
            "Formal steps",
            (
                asked(
                    "Whether Article 27 applies", "high-risk use under Annex III, point 5(a), by which deployer"
                ),
                asked(
                    "Notification",
                    "date of the notification of Article 27(3) to the market surveillance authority",
                ),
            ),
        ),
    )


def _dpia(programme: Programme, language: str, expectation: Expectation | None) -> tuple[DraftSection, ...]:
    return (
        DraftSection(
            "(a) Systematic description of the processing",
            (
                filled("Controller", f"{programme.controller.name}; {programme.controller.contact}"),
                filled("Purpose", first(programme.purpose, language)),
                filled("Lawful basis", facts.basis(programme, language)),
                filled("Data", facts.data(programme, language), _special(programme)),
                filled("Processing", f"{facts.model(programme)} {facts.rule(programme)}"),
                filled("Retention", facts.retention(programme)),
                asked("Recipients and processors", "who hosts, who has access, where the data are"),
            ),
        ),
        DraftSection(
            "(b) Necessity and proportionality",
            (
                filled("Minimisation", facts.never(), "why each question is needed for the purpose"),
                filled("Consent and choice", _choices(programme, language)),
                filled(
                    "Rights",
                    f"Copy, correction, restriction, withdrawal and erasure by code, without staff. "
                    f"{facts.appeals(programme)}",
                ),
                filled("Automated decisions (Article 22)", facts.human_review()),
            ),
        ),
        DraftSection(
            "(c) Risks to rights and freedoms",
            (
                _errors("Wrong decisions", expectation, "likelihood and severity for the people concerned"),
                filled("Disclosure by statistics", facts.statistics(programme), "likelihood and severity"),
                asked("Disclosure otherwise", "by staff, theft, loss or hosting: likelihood and severity"),
                asked("Pressure to take part", "whether people feel free to refuse"),
            ),
        ),
        DraftSection(
            "(d) Measures",
            (
                filled("Safeguards", facts.protection()),
                asked("Organisation", "roles, training, incident plan, contracts with processors"),
                asked("Remaining risk", "what remains, and whether Article 36 asks for prior consultation"),
            ),
        ),
        DraftSection(
            "Formal steps",
            (
                asked("Data protection officer (Article 35(2))", "name, date and advice"),
                asked("Views of people concerned (Article 35(9))", "how they were sought, and what they said"),
                asked("Review (Article 35(11))", "date of the next review"),
            ),
        ),
    )


def _special(programme: Programme) -> str:
    names = {programme.need_instrument().name}
    capacity = programme.capacity_instrument()
    names |= set() if capacity is None else {capacity.name}
    which = ", ".join(sorted(names))
    return f"whether answers to {which} are special categories (Article 9), and under which exception"


def _choices(programme: Programme, language: str) -> str:
    parts = [
        f"{purpose.name} ({'needed' if purpose.needed else 'free'}): {first(purpose.text, language)}"
        for purpose in programme.notice.purposes
    ]
    return f"Notice version {programme.notice.version}, SHA-256 {programme.notice_hash()}. " + " ".join(parts)


def _errors(name: str, expectation: Expectation | None, more: str) -> DraftField:
    value, ask = facts.errors(expectation)
    return DraftField(name, value or None, f"{ask}; {more}" if ask else more)


def _card(programme: Programme, language: str, expectation: Expectation | None) -> tuple[DraftSection, ...]:
    need, scale = programme.need_instrument(), programme.need_scale()
    spread = scale.latent
    reliability = scale.reliability.marginal
    thresholds = "; ".join(f"{name} {value:g}" for name, value in sorted(scale.thresholds.items()))
    return (
        DraftSection(
            "Instrument",
            (
                filled("Name", f"{need.name}, version {need.version}: {first(need.title, language)}"),
                filled("Status", need.status),
                filled("Source", need.source),
                filled("Licence", need.licence),
                filled("Answers are about", f"the {need.respondent}"),
                filled("Languages", ", ".join(need.title)),
                filled("Items", "; ".join(item.name for item in need.items)),
                filled("SHA-256", need.hash()),
            ),
        ),
        DraftSection(
            "Scale",
            (
                filled("Model and method", f"{scale.model}, {scale.method}; SHA-256 {scale.hash()}"),
                filled("Calibrated on", f"{scale.n:,} people")
                if scale.n
                else asked("Calibrated on", "whether the published parameters hold for the people invited"),
                asked("Distribution of need", "mean and SD among the people invited")
                if spread is None
                else filled("Distribution of need", f"mean {spread.mean:g}, SD {spread.sd:g}, {spread.source}"),
                asked("Reliability", "from answers of the people invited (evenhand check)")
                if reliability is None
                else filled("Reliability", f"{reliability:.2f} (marginal)"),
                filled("Thresholds", thresholds or "none named")
                if thresholds
                else asked("Thresholds", "what the threshold of this programme means"),
                filled(
                    "Threshold of this programme", f"{programme.need.threshold}: {programme.threshold_value():g}"
                ),
            ),
        ),
        DraftSection(
            "Use and limits",
            (
                filled("Used for", first(programme.purpose, language)),
                filled("Not for", "Any other purpose: the measure belongs to this programme and expires with it."),
                _errors("What it gets wrong", expectation, "known groups for whom items work otherwise"),
                asked("Item bias", "groups that were compared, and what was found (evenhand dif)"),
            ),
        ),
    )
