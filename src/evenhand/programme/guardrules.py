"""The words of the boundary: what no name, wording or choice may ask about, in English and Russian.

Patterns are matched on the words of a phrase, lower case, joined by single spaces (`guard.words`). `everywhere`
holds for column names and for wording; `names` only for names of columns and items, where a bare word stands for
the data in the column; `wording` only for sentences. `unless` is taken out of the phrase before matching:
innocent phrases that share a word with a rule.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the boundary.

    Attributes:
        code: the error's code.
        title: what the phrase asks about.
        reason: why Evenhand never holds it.
        everywhere: pattern for names and wording.
        names: pattern for names only.
        wording: pattern for sentences only.
        unless: innocent phrases, taken out first.
    """

    code: str
    title: str
    reason: str
    everywhere: re.Pattern[str]
    names: re.Pattern[str] | None = None
    wording: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(patterns) + r")\b")


def _whole(*patterns: str) -> str:
    """The whole name is this, with or without a number behind it."""
    return r"(?<![\w ])(?:" + "|".join(patterns) + r")(?: \d+)?(?![\w ])"


_NUMBER = r"(?:numbers?|num|nr)"

IDENTITY = Rule(
    "boundary.identity",
    "an identity number, a name or a contact",
    "Evenhand never joins people's records: no name, document, phone, tax or insurance number is a key.",
    everywhere=_any(
        r"snils",
        r"passport\w*",
        r"pasport\w*",
        r"(?:national|natl|citizens?|resident|personal|government|voter) ?(?:s )?"
        r"(?:id|identity|identification|insurance)(?: ?(?:number|no|num|card|code))?",
        rf"(?:identity|identification|id) ?(?:card|document|code|{_NUMBER})",
        rf"social ?security ?(?:{_NUMBER}|code|card)",
        r"ssn",
        rf"(?:tax|taxpayer|tax payer|fiscal) ?(?:s )?(?:id|identification|code|reference|{_NUMBER})\w*",
        rf"(?:insurance|policy|account|bank account|bank card|credit card|document) ?{_NUMBER}",
        r"iban",
        rf"(?:tele)?(?:phone|mobile|cell ?phone|cell) ?{_NUMBER}",
        r"msisdn",
        r"e ?mail(?:s|address)?",
        r"(?:first|last|full|family|given|middle|maiden|respondent|applicant|person) ?names?",
        r"your name",
        r"surnames?",
        r"patronymic",
        r"driv(?:er|ing)(?: s|s)? licen[cs]e",
        r"dates? of birth|birth ?date|dateofbirth|dob",
        r"aadhaar|pesel|curp",
        r"biometric\w*|finger ?prints?|face (?:scan|recognition)|facial recognition",
        r"снилс",
        r"инн|иин",
        r"паспорт\w*",
        r"номер\w* (?:\w+ )?(?:телефон|счет|карт|полис|удостоверен|документ|свидетельств)\w*",
        r"удостоверени\w* личности",
        r"(?:идентификационн|персональн|личн)\w* (?:номер|код)\w*",
        r"фамили[яюией]\w*",
        r"отчеств\w*",
        r"фио|ф и о",
        r"(?:ваше|полное|личное) имя|ваши имя|как вас зовут",
        r"дат\w* рождения",
        r"электронн\w* (?:почт|адрес)\w*",
        r"отпечат\w* пальц\w*",
        r"familiya|familia|otchestvo|fio",
    ),
    names=_any(
        r"inn|iin|tin|nid|nino",
        r"(?:phone|telephone|mobile|passport|account|card|id|tax|insurance|policy|document|ssn) ?no",
        _whole(r"(?:tele)?phone", r"mobile", r"tel", r"telefon", r"телефон", r"name", r"имя", r"contact"),
        r"(?:phone|telephone|mobile|телефон) (?:\d+|home|work|head|respondent|заявителя|респондента)",
        r"(?:respondent|applicant|client|head|home|work|contact) (?:phone|telephone|mobile)",
    ),
    wording=_any(r"inn (?:number|code)", r"(?:name|phone) of (?:the )?(?:respondent|applicant)"),
)

RECORD = Rule(
    "boundary.record-id",
    "an identifier of a person or a household",
    "A column that tells people apart is never measured or published; rows are known by their number only.",
    everywhere=re.compile(r"(?!)"),
    names=_any(
        _whole(r"ids?", r"key", r"identifier", r"index"),
        r"uu ?id|guid|hhid|hh id|pid|person id|instance ?id",
        r"(?:\w*person|\w*respondent|member|case|client|applicant|beneficiary|individual|user|record|submission"
        r"|household|family|interview|response|pseudonym|hh) ?(?:ids?|identifier|key|code|number|no|num)",
        _whole(r"hh", r"household", r"clusters?", r"clu", r"psu", r"ssu", r"ea", r"enumeration area", r"dwelling"),
        r"(?:cluster|psu|ssu|ea|dwelling) (?:ids?|number|no|num|code)",
        _whole(r"кластер"),
        r"(?:id|ид|номер|код) (?:респондента|заявителя|домохозяйства|семьи|анкеты|клиента|человека)",
    ),
)

RELIGION = Rule(
    "boundary.religion",
    "religion or belief",
    "What a person believes says nothing about need, and a record of it endangers people.",
    everywhere=_any(
        r"relig\w*",
        r"church\w*|mosque\w*|synagogue\w*|temples?",
        r"pray(?:s|er|ers|ing|ed)?",
        r"muslims?|islam\w*|christians?|christianity|catholic\w*|protestant\w*|jewish|judaism|hindu\w*|buddhis\w*",
        r"orthodox\w*|atheis\w*|belie(?:f|ve) in god|worship\w*",
        r"faith (?:group|community|affiliation)|(?:your|which|what) faith",
        r"религи\w*|вероиспов\w*|конфесси\w*|верующ\w*|атеист\w*",
        r"церк(?:ов|в)\w*|мечет\w*|синагог\w*|храм\w*|молит\w*",
        r"православ\w*|мусульман\w*|ислам\w*|христиан\w*|католи\w*|иуде\w*|будди\w*",
        r"религиозн\w*|верите ли вы в бога",
        r"veroisp\w*|konfess\w*",
    ),
    names=_any(_whole(r"faith", r"вера", r"belief", r"denomination")),
)

ETHNICITY = Rule(
    "boundary.ethnicity",
    "ethnic origin, nationality or race",
    "Origin is not need; a figure or a decision by origin is discrimination.",
    everywhere=_any(
        r"ethni\w*",
        r"nationalit(?:y|ies)",
        r"racial\w*|your race|race or (?:ethnic|colour|color)\w*",
        r"trib(?:e|es|al)",
        r"castes?",
        r"skin colou?r|colou?r of (?:your )?skin",
        r"indigenous",
        r"mother tongue|native language",
        r"roma people|gypsy|gypsies",
        r"национальност\w*|нац(?:иональн\w* )?принадлежност\w*",
        r"этни\w*|этнос\w*|расов\w*",
        r"раса|расы|цвет\w* кожи",
        r"(?:какого|какой) вы (?:племени|народа|народности)",
        r"народност\w*|племен[иа]|коренн\w* малочисленн\w*",
        r"родно(?:й|го|м) язык\w*",
        r"цыган\w*",
        r"natsionalnost\w*|nacionalnost\w*|etnic\w*|etnos\w*",
    ),
    names=_any(_whole(r"race"), r"race (?:group|code|cat\w*)|(?:respondent|head|hh) race"),
)

POLITICAL = Rule(
    "boundary.political",
    "political opinion or activity",
    "Support never depends on what a person thinks of those who hand it out.",
    everywhere=_any(
        r"politic\w*",
        r"party (?:member\w*|affiliation|preference|vote|id|support\w*)",
        r"(?:ruling|opposition|member of (?:a|the)) party",
        r"vot(?:e|es|ed|er|ers|ing)",
        r"elections?|electoral\w*",
        r"partisan\w*",
        r"protest(?:s|ed|er|ers|ing)",
        r"(?:join|took part in|attend)\w* (?:a |any )?(?:protest|rally|demonstration)s?",
        r"opposition (?:member|supporter|activist)s?",
        r"политич\w*|политик\w*",
        r"партийн\w*|член\w* (?:\w+ )?партии|(?:какую|какой|правящ\w*) парти\w*",
        r"голосова\w*|проголосова\w*|голосуе\w*|избирател\w*",
        r"на (?:\w+ )?выборах|выборы (?:президента|депутатов|губернатора)",
        r"митинг\w*|оппозици\w*",
        r"partiya|golosovan\w*|politich\w*",
    ),
    names=_any(_whole(r"party", r"партия", r"ideology")),
)

UNION = Rule(
    "boundary.union",
    "trade-union membership",
    "Membership is a person's own affair and a protected one.",
    everywhere=_any(
        r"(?:trade|labou?r|workers?|teachers?|miners?) ?unions?",
        r"unions? (?:member\w*|dues|card|rep\w*|activ\w*)|unioni[sz]ed",
        r"(?:in|join\w*|belong\w* to|of) (?:a|the|any) union",
        r"профсоюз\w*|профессиональн\w* союз\w*",
        r"profsoyuz\w*|profsouz\w*",
    ),
    names=_any(_whole(r"unions?")),
    unless=_any(r"(?:credit|european|customs|civil|marital|consensual|cohabiting) unions?"),
)

SEXUAL_LIFE = Rule(
    "boundary.sexual-life",
    "sexual life or orientation",
    "It is nobody's business in a question of need.",
    everywhere=_any(
        r"sexual\w*|sexlife|sex (?:life|partners?|worker?s?)",
        r"(?:hetero|homo|bi)sexual\w*",
        r"gay|lesbian\w*|lgbt\w*|queer|transgender\w*",
        r"intimate (?:life|relations?|partners?)|sleep with your (?:partner|husband|wife)",
        r"сексуальн\w*|интимн\w*|гомосексуал\w*|бисексуал\w*|лесби\w*|трансгендер\w*|лгбт\w*",
        r"полов\w* (?:жизн|партнер|связ|акт)\w*",
    ),
    names=_any(r"orientation|ориентация"),
)

LOYALTY = Rule(
    "boundary.loyalty",
    "loyalty, worth or trustworthiness",
    "No measure of a person's worth or loyalty exists here, under any name.",
    everywhere=_any(
        r"loyal(?:ty|ties)?|disloyal\w*|patrioti\w*",
        r"trustworth\w*",
        r"social (?:credit|rating|rank|worth|value)|(?:citizen|behaviou?r|conduct) (?:score|rating)",
        r"good citizen\w*|attitude to(?:wards)? (?:the )?(?:government|authorities|president)",
        r"(?:support|trust|criticis\w*|approve of) the (?:government|authorities|president)",
        r"лоял\w*|нелоял\w*|патриот\w*|благонадежн\w*|неблагонадежн\w*",
        r"социальн\w* (?:рейтинг|кредит|ценност)\w*|рейтинг\w* (?:граждан|жител)\w*",
        r"отношени\w* к (?:власт|президент|правительств|губернатор)\w*",
        r"(?:доверяете|поддерживаете|одобряете) (?:ли )?(?:вы )?(?:действия )?(?:власт|президент|правительств)\w*",
        r"loyaln\w*|patriotizm",
    ),
)

REGISTERS = Rule(
    "boundary.registers",
    "police, courts, fines or a register of debts",
    "Evenhand has no connector to a register and no field for a sanction; need is what the person tells us.",
    everywhere=_any(
        r"polic(?:e|eman|emen|ing)",
        r"courts?|lawsuits?|prosecut\w*|bailiffs?",
        r"criminal\w*|convict(?:ed|ion|ions)|arrest\w*|prison\w*|jail\w*|offen[cs]es?|offenders?|probation",
        r"fines|(?:traffic|parking|unpaid|pay|paid|court|administrative|police|owe|got) (?:an? )?fine",
        r"suspicio(?:n|ns|us)|suspect\w*|fraud\w*|blacklist\w*|watchlist\w*",
        r"(?:debt|debts|debtor|debtors|tax|bank|employer|population|credit) "
        r"(?:register|registers|registry|registries|database|records?|blacklist|bureau)",
        r"(?:register|registry|list|database) of (?:\w+ )?(?:debts?|debtors|offenders|fines|taxpayers)",
        r"credit (?:score|scores|history|rating|report)",
        r"debt collect\w*|collection agenc\w*|tax (?:debt|arrears|evasion)",
        r"полиц\w*|милици\w*",
        r"суд|суда|суде|судом|суду|суды|судах|судим\w*|судебн\w*|подсудим\w*",
        r"штраф\w*|оштрафова\w*",
        r"уголовн\w*|правонаруш\w*|преступ\w*|арест\w*|тюрьм\w*|осужден\w*|заключенн\w*",
        r"пристав(?:ы|а|ов|ам|ами|у)?|исполнительн\w* производств\w*|взыскани\w*",
        r"(?:реестр|список|база|списк|базе|реестре)\w* (?:\w+ )?(?:должник|неплательщик|правонарушител|долг)\w*",
        r"кредитн\w* (?:истори|рейтинг|бюро)\w*|бюро кредитн\w*|черн\w* спис\w*",
        r"мошенни\w*|подозре\w*",
        r"shtraf\w*|polic[iy]ya|sudimost\w*",
    ),
    names=_any(_whole(r"fine", r"penalt(?:y|ies)", r"sanctions?")),
    unless=_any(r"(?:tennis|basketball|sports|food) courts?", r"courts? ?yards?"),
)

LOCATION = Rule(
    "boundary.location",
    "a precise place, a device or a trace of one",
    "People are not watched: no location finer than a public district, no device, no trace.",
    everywhere=_any(
        r"gps\w*",
        r"latitude|longitude|altitude|geo ?(?:point|trace|shape|location|coordinates?|code|hash|tag)\w*",
        r"coordinates?",
        r"(?:home|postal|street|mail|mailing|residential|exact|your|house) ?address\w*|house number|street name",
        r"post ?codes?|postal ?codes?|zip ?codes?",
        r"device ?ids?|device identifier|imei|imsi|mac ?address\w*|ip ?addr\w*|user ?agent",
        r"sim ?(?:serial|ids?|card number)|subscriber ?ids?",
        r"track(?:ing|ed) (?:of )?(?:your |the )?(?:phone|device|location|movements?)",
        r"browsing history|cell tower\w*",
        r"(?:facebook|instagram|telegram|whatsapp|twitter|vkontakte|social media|social network) "
        r"(?:account|profile|page|login|name|id)s?",
        r"cctv|(?:security|surveillance|street) cameras?",
        r"геолокац\w*|геопозиц\w*|геометк\w*|координат(?:ы|а|ам|ах)?|широт[ауы]|долгот[ауы]|местоположен\w*|gps",
        r"(?:домашн|почтов|точн|ваш)\w* адрес\w*|адрес\w* (?:проживани|регистраци|прописк|дом)\w*",
        r"почтов\w* индекс\w*|ip адрес\w*",
        r"(?:номер|идентификатор|id) устройств\w*|аккаунт\w*|(?:страниц|профил)\w* в соц\w*",
        r"камер\w* наблюдени\w*|видеонаблюден\w*|истори\w* (?:браузера|поиска|просмотров)",
    ),
    names=_any(
        r"locations?",
        r"lat|lon|lng|latlon|latlng|geom|geometry",
        _whole(r"address\w*", r"адрес", r"adres", r"street", r"улица", r"zip", r"geo", r"широта", r"долгота"),
        r"(?:address|адрес) (?:\d+|line)",
        _whole(r"ip", r"mac", r"device", r"sim", r"ssid", r"camera"),
        r"wi ?fi (?:mac|name|ssid)|user ?name|login|логин",
        r"(?:respondent|client) ip",
    ),
    wording=_any(r"(?:your|exact|current|phone s|phone) location|where you are (?:right )?now"),
)

RULES: tuple[Rule, ...] = (
    IDENTITY,
    RELIGION,
    ETHNICITY,
    POLITICAL,
    UNION,
    SEXUAL_LIFE,
    LOYALTY,
    REGISTERS,
    LOCATION,
    RECORD,
)
"""In the order they are tried; the record identifiers last, so that a passport number is called one."""

PARADATA = re.compile(
    r"_.*"
    r"|start|end|today|start_?time|end_?time"
    r"|device_?id|subscriber_?id|sim_?serial|sim_?id|sim_?number|phone_?number|user_?name|e_?mail"
    r"|audit(_url)?|instance_?(id|name)|formhub_?uuid|background-audio"
    r"|geo(?!graph|zone|region|area|unit)\w*|gps\w*"
    r"|(photo|picture|image|audio|video|signature|media|attachment)s?(_?\d+|_?url|_?file(_?name)?)?|\w+_url"
)
"""Last path elements of the columns that a data collector adds without asking the person."""
