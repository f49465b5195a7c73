"""An explanation in words: a page for a person of twelve, in their language.

Our own sentences come from the catalogue. What others wrote, questions, reasons and addresses, stands beside them
word for word, in tables and quotes.
"""

from dataclasses import dataclass
from datetime import date

from evenhand.casework.explainparts import Counted, Decided, Explanation, PictureWords
from evenhand.casework.explaintexts import MARKS, Words, words_in

SHORT = 12
"""Characters of a hash that are shown."""

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of somebody else, with what they are."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page.

    Attributes:
        key: its name for links; `contest` is where the button stands.
        heading: what it is about.
        sentences: in our words.
        quotes: in somebody else's.
        columns: headings of the table; empty where there is none.
        rows: its cells.
    """

    key: str
    heading: str
    sentences: tuple[str, ...]
    quotes: tuple[Quote, ...] = ()
    columns: Row = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """The page.

    Attributes:
        language: `en` or `ru`.
        title: what it is.
        sections: its parts, in the order in which they are read.
        may_contest: whether the standing decision can be contested today.
        may_correct: whether an answer can be corrected.
    """

    language: str
    title: str
    sections: tuple[Section, ...]
    may_contest: bool
    may_correct: bool


def tell(explanation: Explanation, language: str, today: date) -> Page:
    """Put an explanation into words.

    Args:
        explanation: from `explain`.
        language: `en` or `ru`.
        today: says whether there is still time to contest.

    Raises:
        CaseError: another language.
    """
    return tell_with(explanation, words_in(language), today)


def tell_with(explanation: Explanation, words: Words, today: date) -> Page:
    """Put an explanation into the words of a catalogue."""
    parts = (
        _decision(explanation, words),
        _measure(explanation, words),
        _answers(explanation, words),
        _unknown(explanation, words),
        _rule(explanation, words),
        _round(explanation, words),
        _support(explanation, words),
        _priority(explanation, words),
        _correct(explanation, words),
        _contest(explanation, words, today),
        _record(explanation, words),
    )
    return Page(
        language=words.language,
        title=words.say("title", programme=words.pick(explanation.programme)),
        sections=tuple(part for part in parts if part is not None),
        may_contest=_in_time(explanation, today),
        may_correct=bool(explanation.ways.correctable),
    )


def _decision(why: Explanation, words: Words) -> Section:
    heading, proposal = words.say("decision/heading"), words.say(f"proposal/{why.ruled.proposal}")
    if why.decided is None:
        said = [words.say("decision/none"), words.say("decision/proposed", proposal=proposal)]
        return Section("decision", heading, tuple(said))
    said = [words.say(f"decision/{why.decided.outcome}")]
    if why.chosen.offered is not None:
        said.append(words.say("decision/offered-kind", support=words.pick(why.chosen.offered)))
    said += _deciders(why, why.decided, words)
    if why.decided.overrides:
        said.append(words.say("decision/overrides", proposal=proposal))
    if not why.decided.stands:
        said.append(words.say("decision/replaced"))
    reason = Quote(words.say("decision/reason"), why.decided.reason)
    return Section("decision", heading, tuple(said), (reason,) if reason.text.strip() else ())


def _deciders(why: Explanation, decided: Decided, words: Words) -> list[str]:
    day = words.day(decided.on)
    if decided.by == "caseworker":
        return [words.say("decision/by-caseworker", day=day)]
    name = why.drawn.round if why.drawn else ""
    return [words.say("decision/by-round", round=name, day=day), words.say("decision/approved")]


def _measure(why: Explanation, words: Words) -> Section:
    found = why.measured
    apart = round(found.theta, 2) - round(found.threshold, 2)  # of the numbers that are shown, so that they agree
    side = "at" if abs(apart) < 0.005 else "above" if apart > 0 else "below"
    low, high = (words.number(value, 2) for value in found.interval)
    said = (
        words.say("measure/theta", theta=words.number(found.theta, 2)),
        words.say("measure/line", line=words.number(found.threshold, 2)),
        words.say("measure/at") if side == "at" else words.say(f"measure/{side}", far=words.number(abs(apart), 2)),
        words.say("measure/error", se=words.number(found.se, 2), times=words.number(abs(found.distance))),
        words.say("measure/interval", low=low, high=high),
        words.say("measure/chance", chance=words.chance(found.p, _lines(why))),
        words.say("measure/word", word=words.word(found.p)),
    )
    return Section("measure", words.say("measure/heading"), said)


def _lines(why: Explanation) -> tuple[float, float]:
    return (why.ruled.certain_no, why.ruled.certain_yes)


def _answers(why: Explanation, words: Words) -> Section:
    heading, n = words.say("answers/heading"), len(why.counted)
    if not n:
        return Section("answers", heading, (words.say("answers/none"),))
    said = (
        words.count("answers/counted", n),
        *(words.say(f"answers/{key}") for key in ("left-out", "reading", "no-sum", "no-other")),
    )
    columns = tuple(words.say(f"answers/column-{each}") for each in ("question", "answer", "moved", "chance"))
    rows = tuple(_answer(each, why, words) for each in why.counted)
    return Section("answers", heading, said, columns=columns, rows=rows)


def _answer(each: Counted, why: Explanation, words: Words) -> Row:
    step = words.number(abs(each.theta_moved), 2)
    way = "same" if float(f"{each.theta_moved:.2f}") == 0 else "higher" if each.theta_moved > 0 else "lower"
    moved = words.say("answers/same") if way == "same" else words.say(f"answers/{way}", step=step)
    return words.pick(each.wording), words.pick(each.answer), moved, words.chance(each.p_without, _lines(why))


def _unknown(why: Explanation, words: Words) -> Section:
    heading, n = words.say("unknown/heading"), len(why.unknown)
    if not n:
        return Section("unknown", heading, (words.say("unknown/none"),))
    said = [words.count("unknown/some", n), words.say("unknown/never-no")]
    if any(each.could_be_known for each in why.unknown):
        low, high = (words.chance(p, _lines(why)) for p in why.measured.p_range)
        said.append(words.say("unknown/range", low=low, high=high))
    columns = (words.say("unknown/column-question"), words.say("unknown/column-reason"))
    rows = tuple((words.pick(each.wording), words.say(f"reason/{each.reason}")) for each in why.unknown)
    return Section("unknown", heading, tuple(said), columns=columns, rows=rows)


def _rule(why: Explanation, words: Words) -> Section:
    ruled = why.ruled
    said = [
        words.say("rule/version", version=ruled.version),
        words.say("rule/yes", yes=words.percent(ruled.certain_yes)),
        words.say("rule/no", no=words.percent(ruled.certain_no)),
        words.say(f"rule/middle-{ruled.middle}"),
    ]
    for reason in ruled.reasons:
        if reason == "too-few-answers":
            said.append(words.count("rule/too-few", len(why.counted), least=str(ruled.min_answered)))
        elif reason == "unknown-answers-could-change-it":
            said.append(words.say("rule/unknown-matter"))
        else:
            said.append(words.say(f"rule/{reason}"))
    said.append(words.say("rule/led", proposal=words.say(f"proposal/{ruled.proposal}")))
    return Section("rule", words.say("rule/heading"), tuple(said))


def _round(why: Explanation, words: Words) -> Section | None:
    drawn = why.drawn
    if drawn is None:
        return None
    said = [words.say("round/name", round=drawn.round)]
    if drawn.probability is None:
        said.append(words.say("round/to-come"))
    elif drawn.probability in {0.0, 1.0}:
        said.append(words.say("round/certain" if drawn.probability else "round/no-place"))
    else:
        said.append(words.say("round/chance", chance=words.chance(drawn.probability)))
    if drawn.ticket is not None:
        said.append(words.say("round/ticket", ticket=drawn.ticket, p_class=str(drawn.p_class)))
    return Section("round", words.say("round/heading"), (*said, words.say("round/checked")))


def _support(why: Explanation, words: Words) -> Section:
    chosen = why.chosen
    said = [words.say("support/open")]
    if chosen.fitting is not None:
        said = [words.say("support/fitting", support=words.pick(chosen.fitting))]
    if chosen.measured:
        said += [words.say(f"support/{chosen.capacity}"), words.say("support/nothing-else")]
    return Section("support", words.say("support/heading"), tuple(said))


def _priority(why: Explanation, words: Words) -> Section | None:
    if not why.has_priority:
        return None
    heading, never = words.say("priority/heading"), words.say("priority/never-later")
    if not why.priority:
        return Section("priority", heading, (words.say("priority/none"), never))
    columns = (words.say("priority/column-fact"), words.say("priority/column-purpose"))
    rows = tuple((words.pick(each.label), words.pick(each.purpose)) for each in why.priority)
    return Section("priority", heading, (words.say("priority/some"), never), columns=columns, rows=rows)


def _correct(why: Explanation, words: Words) -> Section:
    said = [words.say("correct/newer")] if why.frozen.newer is not None else []
    if why.ways.correctable:
        said += [words.say("correct/open"), words.say("correct/kept")]
        said += [words.say("correct/stands")] if why.ways.contests is not None else []
    else:
        said.append(words.say("correct/closed"))
    return Section("correct", words.say("correct/heading"), tuple(said))


def _in_time(why: Explanation, today: date) -> bool:
    ways = why.ways
    return ways.until is not None and ways.answer_by is None and today <= date.fromisoformat(ways.until)


def _contest(why: Explanation, words: Words, today: date) -> Section:
    ways = why.ways
    quotes = [Quote(words.say("contest/complaints"), ways.complaints)]
    said = []
    if ways.answered is not None:
        said.append(words.say("contest/changed" if ways.answered else "contest/upheld"))
        quotes.insert(0, Quote(words.say("contest/answer"), ways.answer))
    if ways.answer_by is not None:
        said += [words.say("contest/waits", day=words.day(ways.answer_by)), words.say("contest/other-person")]
    elif _in_time(why, today) and ways.until is not None:
        said += [words.say("contest/open", day=words.day(ways.until)), words.say("contest/easy")]
        said += [words.say("contest/other-person"), words.count("contest/days", ways.answer_days)]
        said += [words.say("contest/place")] if ways.reserved else []
    elif ways.until is not None:
        said.append(words.say("contest/late", day=words.day(ways.until)))
    else:
        said.append(words.say("contest/none-yet" if why.ways.correctable else "contest/closed"))
    return Section("contest", words.say("contest/heading"), tuple(said), tuple(quotes))


def _record(why: Explanation, words: Words) -> Section:
    frozen = why.frozen
    hashes = {name: getattr(frozen, name)[:SHORT] for name in ("definition", "instrument", "scale", "rule")}
    named = {
        **hashes,
        "software": frozen.software,
        "assessment": str(frozen.assessment),
        "day": words.day(frozen.on),
    }
    rows = tuple((words.say(f"record/{name}"), text) for name, text in named.items())
    columns = (words.say("record/column-part"), words.say("record/column-sign"))
    said = (words.say("record/same"), words.say("record/short"))
    return Section("record", words.say("record/heading"), said, columns=columns, rows=rows)


def picture_words(why: Explanation, language: str) -> PictureWords:
    """The words of the picture of an explanation, in a language.

    Raises:
        CaseError: another language.
    """
    return picture_words_with(why, words_in(language))


def picture_words_with(why: Explanation, words: Words) -> PictureWords:
    """The words of the picture, out of a catalogue."""
    found, chance = why.measured, words.chance(why.measured.p, _lines(why))
    theta, line = words.number(found.theta, 2), words.number(found.threshold, 2)
    values = {
        "measure": theta,
        "error": words.number(found.se, 2),
        "low": words.number(found.interval[0], 2),
        "high": words.number(found.interval[1], 2),
        "line": line,
        "chance": chance,
    }
    return PictureWords(
        **{name: words.say(f"picture/{name}") for name in ("title", "reading", "axis", "caption", "shaded")},
        description=words.say("picture/description", theta=theta, line=line, chance=chance),
        line=words.say("picture/line"),
        measure=words.say("picture/measure"),
        interval=words.say("picture/interval"),
        columns=(words.say("picture/column-what"), words.say("picture/column-value")),
        rows=tuple((words.say(f"picture/row-{name}"), text) for name, text in values.items()),
        mark=MARKS[words.language],
    )
