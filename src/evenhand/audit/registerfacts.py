"""What a programme's files say, in sentences that several registers ask for. Nothing here is known otherwise."""

from evenhand.audit.draft import first
from evenhand.audit.expect import Expectation
from evenhand.programme.definition import Programme


def what_it_does(programme: Programme, language: str) -> str:
    """The programme in three sentences."""
    need = programme.need_instrument()
    return (
        f"{first(programme.purpose, language)}. Need is measured from people's own answers to {len(need.items)} "
        f"questions ({first(need.title, language)}), with the uncertainty of the measure; a machine proposes, and "
        "a named person decides every refusal."
    )


def rule(programme: Programme) -> str:
    """The decision table."""
    own = programme.rule
    middle = (
        "a person looks at the case"
        if own.middle == "review"
        else "the round's lottery decides, with chances that grow with P"
    )
    return (
        f"Rule version {own.version}, on P, the probability that need is at or above {programme.need.threshold}: "
        f"from {own.certain_yes:g} an offer is proposed; between {own.certain_no:g} and {own.certain_yes:g} "
        f"{middle}; at {own.certain_no:g} or less 'not this round' is proposed. With fewer than "
        f"{programme.need.min_answered} answers, or where unknown answers could change the proposal, a person "
        "looks."
    )


def human_review() -> str:
    """Who decides."""
    return (
        "A refusal ('not this round') is decided one case at a time by a named caseworker, with a reason, and the "
        "way to appeal goes out in the same step; the program has no other way to refuse. Who is not drawn in a "
        "round waits, and can appeal. An appeal is decided by another caseworker than the one who decided."
    )


def appeals(programme: Programme) -> str:
    """How to contest."""
    return (
        f"Within {programme.appeals.open_days} days of a decision, from the page that explains it; answered "
        f"within {programme.appeals.answer_days} days by another caseworker. "
        f"{100 * programme.rule.reserved_share:g} % of the places are kept for appeals and reviews. Complaints: "
        f"{programme.controller.complaints}."
    )


def basis(programme: Programme, language: str) -> str:
    """The lawful basis."""
    own = programme.lawful_basis
    return f"{own.basis}: {own.law}. {first(own.text, language)}"


def data(programme: Programme, language: str) -> str:
    """What is collected."""
    need, capacity = programme.need_instrument(), programme.capacity_instrument()
    parts = [f"answers to {len(need.items)} questions about need ({need.name})"]
    if capacity is not None:
        parts.append(f"answers to {len(capacity.items)} questions about means to cope ({capacity.name})")
    parts += [f"{field.name} ({first(field.purpose, language).rstrip('.')})" for field in programme.fields]
    if any(purpose.name == "messages" for purpose in programme.notice.purposes):
        parts.append("a contact, if the person chooses messages")
    return f"From the person: {'; '.join(parts)}. From the invitation: the district that it was handed out in."


def never() -> str:
    """What the program refuses to hold."""
    return (
        "No name, no number of a document, no finer place than a district; no political, religious, ethnic, "
        "union, sexual-life or loyalty content; no data from registers, devices or informers; nothing that joins "
        "a person to another programme. Files that ask for any are refused."
    )


def protection() -> str:
    """How data are kept."""
    return (
        "Each case is encrypted with a key of its own; erasing destroys the key, also for backups. Every state "
        "change is an entry of a tamper-evident ledger. What is published are statistics under a stated privacy "
        "guarantee, and a round's file of tickets without area, date or pseudonym."
    )


def published() -> str:
    """What the program lets out."""
    return "The program lets out statistics, a round's file of tickets, and each person's own copy; no other data."


def retention(programme: Programme) -> str:
    """When things are erased."""
    kept = programme.retention
    return (
        f"From the end of the case or of the programme ({programme.dates.ends}), whichever is first: answers "
        f"after {kept.answers_days} days, contact after {kept.contact_days}, cases that nobody finished "
        f"{kept.undecided_days} days after their last event, backups {kept.backups_days} days later. On request "
        "at once, by the person, without staff."
    )


def period(programme: Programme) -> str:
    """When it runs."""
    dates = programme.dates
    return f"Opens {dates.opens}, takes people in until {dates.intake_closes}, ends {dates.ends}."


def budget(programme: Programme, language: str) -> str:
    """What there is to give."""
    kinds = "; ".join(f"{first(kind.title, language)}, {kind.cost:g} each" for kind in programme.support)
    own = programme.budget
    return f"{own.money:g} {own.currency} for at most {own.places} places: {kinds}."


def model(programme: Programme) -> str:
    """How need is computed."""
    scale = programme.need_scale()
    latent = scale.latent
    prior = (
        ""
        if latent is None
        else f" Distribution of need: Normal({latent.mean:g}, {latent.sd:g}), {latent.source}."
    )
    people = f" calibrated on {scale.n:,} people" if scale.n else " with published parameters"
    return (
        f"Item response model ({scale.model}),{people}; posterior expectation, standard error and P of each "
        f"person from need answers alone.{prior} Scale SHA-256 {scale.hash()}."
    )


def statistics(programme: Programme) -> str:
    """The privacy budget."""
    own = programme.statistics
    return (
        f"rho {own.rho_per_year:g} zCDP a year, epsilon stated at delta {_power(own.delta)}; of a year's monthly "
        f"figures one invitation enters at most {own.cells_per_invitation_year}."
    )


def _power(value: float) -> str:
    """A small number as it is written in a programme's file: 1e-6."""
    return f"{value:g}".replace("e-0", "e-")


def errors(expectation: Expectation | None) -> tuple[str, str]:
    """Expected errors, and what is asked where they were not computed."""
    if expectation is None:
        return "", "the expected errors (evenhand programme check FILE --expect)"
    rows = {row.way: row for row in expectation.ways if row.group == "all"}
    own, uniform = rows["rule"], rows["uniform lottery"]
    if None in {own.exclusion.value, own.inclusion.value, uniform.exclusion.value}:
        return "No errors can be expected: in the simulation nobody is in need, or nobody is supported.", ""
    return (
        f"In a simulation of {expectation.n:,} people and {expectation.places} places: of those in need "
        f"{100 * (own.exclusion.value or 0):.0f} % get none of the places (a uniform lottery: "
        f"{100 * (uniform.exclusion.value or 0):.0f} %), and {100 * (own.inclusion.value or 0):.0f} % of the "
        "support goes to people not in need."
    ), ""
