# ruff: noqa: E501 - word lists: a line is one family of words, and cutting it would hide that
"""Phrases that tell people apart or follow them: identity, record numbers, places, devices, paradata."""

import re

from evenhand.programme.guardpattern import Rule, letters, phrases

_NUMBER = r"(?:numbers?|num|nr|no|nos|n|code|digits?|series|serial)"
_DOCUMENT = (
    r"(?:passport|(?:identity|id|bank|credit|debit|payment|insurance|health|ration|residence|green|voter|member\w*)"
    r" (?:card|paper|document|permit)|(?:insurance|medical|health)? ?policy|licen[cs]e|birth certificate|certificate"
    r"|insurance|account|document|id|social security|national insurance|national health)"
)
_PERSON = (
    r"(?:you|your|respondent|applicant|person|client|beneficiar(?:y|ies)|recipient|claimant|interviewee|participant"
    r"|child|mother|father|parent|wife|husband|spouse|head|member|guardian|employer|neighbou?r|relative|doctor)s?"
)
_PERSON_RU = (
    r"(?:заявител|респондент|глав|клиент|получател|участник|ребенк|супруг|мужа|жены|матери|отца|мамы|папы|родител"
    r"|опекун|врач|сосед|работодател|член)\w*"
)
_PAPER_RU = (
    r"(?:паспорт|снилс|инн|полис|удостоверени|документ|свидетельств|карт[аыуе]|карточк|счет[а]?\b|прав\b|телефон|мобильн"
    r"|сотов|машин|автомобил|авто\b|страхов|пенсионн|договор|лицев)\w*"
)

IDENTITY = Rule(
    "boundary.identity",
    "an identity number, a name or a contact",
    "Evenhand never joins people's records: no name, document, phone, tax or insurance number is a key.",
    everywhere=phrases(
        r"""
        snils
        passport*
        pasport*
        """,
        r"(?:national|natl|nat|citizens?|citizenship|resident|residency|personal|government|govt|state|voters?|student"
        r"|pupil|employee|military|alien|foreigner|patient|medical|medicare|medicaid|health|insurance|pension|tax"
        r"|social security|social insurance|unique)"
        r" ?(?:s )?(?:id|ids|identity|identification|identifier)(?: ?(?:number|no|num|card|code))?",
        rf"(?:identity|identification|id) ?(?:cards?|documents?|papers|codes?|{_NUMBER})",
        rf"(?:national|social|health) ?(?:security|insurance|service|health service|health) ?(?:card )?{_NUMBER}",
        rf"(?:nhs|nhis|ni|ss|medicare|medicaid|nic|rut|dni|nie|sin|pan|id) {_NUMBER}",
        r"ssn|nino|tfn|itin|aadha+r|pesel|curp|cpf|cnpj|cnic|nicop|bvn|bsn|jmbg|oib|amka|edrpou|personnummer|cedula",
        r"codice fiscale|ration card number|social security|ghana card|huduma",
        rf"(?:tax|taxpayer|tax payer|fiscal|vat) ?(?:s )?(?:id|identification|code|reference|file|{_NUMBER})\w*",
        rf"(?:insurance|policy|account|bank account|bank card|credit card|debit card|card|document|certificate"
        rf"|licen[cs]e|permit|registration|visa|member|membership|contract) ?{_NUMBER}",
        rf"{_NUMBER} (?:of|on) (?:\w+ ){{0,3}}?{_DOCUMENT}",
        rf"(?:last|first) (?:\w+ )?digits ~ {_DOCUMENT}",
        r"(?:number|no) of your (?:mobile )?(?:phone|telephone)",
        r"iban|swift code|cvv|card details|account details|bank details|bank account (?:no|details)|crypto wallet|wallet id",
        rf"(?:tele)?(?:phone|mobile|cell ?phone|cell|whatsapp|viber|telegram|contact|landline|fax|home|work) ?{_NUMBER}",
        r"msisdn",
        r"contact (?:details|info\w*|data|phone|number|person)",
        r"(?:contact|reach|call|ring|phone|text) (?:you|him|her|them) (?:on|at|by|back|under)",
        r"how (?:can|could|may|do) we (?:contact|reach|call|phone|ring) (?:you|him|her|them)",
        r"e ?mail(?:s|address)?",
        r"(?:first|last|full|family|given|middle|maiden|legal|real|true|christian|respondent|applicant|person|client"
        r"|beneficiary|recipient|claimant|child|mother|father|husband|wife|spouse|head|guardian|hh|householder)(?: s)? names?",
        r"(?:head|respondent|applicant|owner|tenant|claimant)(?: s)? (?:\w+ )?name",
        rf"names? (?:and surname|of (?:\w+ ){{0,3}}?{_PERSON})",
        r"your (?:\w+ )?name|what are you called|initials|signature",
        r"(?:enter|type|provide|write|write down|leave|state|specify|fill in|supply|record|note) (?:\w+ ){0,3}?"
        r"(?:phone|mobile|surname|name and|contacts?)",
        r"surnames?|patronymic|nickname|name and surname",
        r"driv(?:er|ers|ing)(?: s)? ?(?:licen[cs]e|permit)(?: number)?",
        r"(?:number|licen[cs]e|registration) ?plates?|vehicle (?:registration|identification)|car registration|vin",
        r"dates? of (?:\w+ )?birth|birth ?dates?|dateofbirth|dob|day (?:and )?month (?:and year )?of birth|birth ?day date",
        r"when (?:is|was) (?:your|the \w+ s|his|her) birthday|when (?:were|was) (?:you|he|she) born",
        r"biometr*|finger ?prints?|iris|retina|palm ?print|voice ?print|dna|facial recognition|face ?id",
        r"(?:face|facial|iris) (?:scan|recogn|image|photo|template|hash|verif|match)*|scan ~ (?:face|iris|finger)*",
        r"(?:photo|photograph|picture|selfie|scan|copy|image|upload)* (?:\w+ ){0,4}?(?:id|identity|passport|documents?"
        r"|face|respondent|applicant|yourself|licen[cs]e|certificate)",
        r"passwords?|log ?in (?:name|and)|user ?id",
        r"birth certificate|marriage certificate number",
        """
        снилс*
        инн|иин
        паспорт*|загранпаспорт*
        """,
        rf"(?:номер|серия|сери[ию]|№|цифр)\w* ~ {_PAPER_RU}",
        rf"(?:номер|серия|сери[ию]|№|цифр)\w* {_PAPER_RU}",
        rf"{_PAPER_RU} (?:номер|серия)\w*",
        """
        (?:полис* )?(?:омс|дмс) (?:номер|полис)*|номер* (?:омс|дмс)
        номер* ву|ву номер|птс|стс|госномер*|гос номер*|вин номер
        номер* ~ (?:связаться|перезвон|позвон)*
        удостоверени* личности|личность удостовер*|паспортн* данн*|данн* паспорт*
        (?:идентификационн|персональн|личн|учетн|табельн)* (?:номер|код)*
        код подразделени*|кем выдан*|серия и номер
        фамили[яюией]*
        отчеств*
        фио|ф и о|инициал*
        (?:ваше|полное|личное|свое) имя|ваши имя|имя и (?:фамил|отчеств)*|имя полностью|как ~ зовут|как зовут
        """,
        rf"(?:имя|имена|телефон|подпись|контакт\w*|данн(?:ые|ых)) (?:\w+ ){{0,2}}?{_PERSON_RU}",
        """
        (?:укажите|введите|напишите|оставьте|сообщите|назовите|запишите|впишите|продиктуйте) ~ (?:телефон|имя|почт|мейл|подпись)*
        (?:укажите|введите|напишите|оставьте|сообщите|назовите|запишите|впишите) (?:телефон|имя|почт|мейл|подпись)*
        по какому (?:\\w+ )?(?:телефону|номеру)|как с вами связаться|контактн* (?:телефон|данн|номер|лиц|информ)*
        дат* (?:\\w+ )?рожд*|день месяц и год рождения|когда вы родились
        электронн* (?:почт|адрес)*|эл почт*|емейл*|имейл*|е мейл*
        водительск* (?:удостоверени|прав)*|военн* билет*|свидетельств* о рождени*|трудов* книжк*
        отпечат* (?:\\w+ )?пальц*|биометр*|дактилоскоп*|(?:распознавани|сканировани|скан|фото)* лиц[аоу]|днк
        (?:фото|скан|копи|сним|селфи)* ~ (?:паспорт|документ|удостоверен|заявител|респондент|свидетельств)*
        (?:фото|скан|копи|сним|селфи)* (?:паспорт|документ|удостоверен|заявител|респондент|свидетельств)*
        (?:реквизит|номер|данн)* (?:\\w+ )?(?:счет|карт)[аыу]|реквизит*
        логин*|парол*
        familiya|familia|otchestvo|fio|imya
        """,
        r"""
        (?:may|can|could) (?:i|we) (?:have|get|take|know) your (?:\w+ )?(?:phone|name|number|contact|id|document|email|address)*
        (?:state|show|present|give|enter|bring|upload|scan|provide) (?:us )?(?:your|the \w+ s) (?:\w+ )?ids?|travel document*|personal code|registration number*|emergency contact*|next of kin (?:name|phone|contact|number)*
        (?:leave|give|enter|write|provide|share) (?:us )?your contact*|your contacts?|who are you and|introduce yourself
        оставьте (?:\w+ )?контакт*|контакты для|ваши контакт*|представьтесь|связаться с вами|перезвонить вам|вам (?:можно )?(?:позвонить|перезвонить)
        (?:регистрационн|государственн) (?:номер|знак)*|регистрационн* (?:номер|знак)*|государственн* (?:номер|знак)*|страхов* (?:номер|свидетельств)*|документ* удостоверя*|предъявите*|номер* (?:\w+ ){0,3}?(?:документ|страхов|паспорт|машин|авто)*
        (?:acct|bankacct|account|acc) (?:no|num|number|name)|bank ?acct*|birth ?cert*|credit ?card ?(?:no|num|number)*|(?:marriage|death) cert*
        """,
        r"""
        (?:photograph|photo|scan|copy|snap)(?:ed|ing)? (?:\w+ ){0,2}?(?:documents?|papers|card)|national ?insurance|(?:сфотограф|отсканир|скопир|сними)* (?:\w+ ){0,2}?(?:документ|паспорт|удостоверен|карт)*|номер* (?:\w+ )?(?:соц ?карт|карт|студенч|читательск|проездн|зачетн)*|соцкарт*
        (?:mobile|cell|phone|number) so (?:that )?we|text you a code|sms code|one time code|мобильн* номер*|номер* мобильн*
        """,
    ),
    names=phrases(
        r"inn|iin|tin|nid|nin|nik|ktp|nif|nhs|ni no|pan no|egn|cnp|emso|hetu",
        r"(?:phone|telephone|mobile|passport|account|card|id|tax|insurance|policy|document|ssn|tel|licen[cs]e|member) ?no",
        """
        =(?:tele)?phone|mobile|tel|telefon|телефон|тел|моб|моб телефон|тлф|name|names|имя|имена|contact|contacts|контакты|контакт
        =whatsapp|viber|id scan|почта|мыло|подпись|фото|селфи|selfie|имейл|мейл|омс|полис|дмс|ву|birthday|born on
        """,
        r"(?:phone|telephone|mobile|телефон\w*|телефон) (?:\d+|home|work|head|respondent|applicant|primary|main|alt|hash|домашн\w*|сотов\w*)",
        r"(?:respondent|applicant|client|head|home|work|contact|hh|beneficiary|alt|мобильн\w*|домашн\w*|контактн\w*|сотов\w*)"
        r" (?:phone|telephone|mobile|tel|телефон\w*)",
        rf"(?:тел|телефон\w*|имя|почта|фото) {_PERSON_RU}|{_PERSON_RU} (?:тел|телефон\w*|имя|почта|фото)",
        """
        полис* омс|омс полис*|номер* полис*
        face (?:photo|image|hash)|(?:respondent|applicant|person|id|face) (?:photo|picture|image|scan)
        national (?:no|number|reg)|nat no|id (?:front|back)
        """,
        r"""
        (?:mother|father|spouse|wife|husband|partner|kin|relative|parent|child|respondent|applicant|client|head|guardian|member|user|person|patient|owner|landlord|employer|doctor|teacher|sh|hh|resp|emergency|contact|full|first|last|beneficiary|recipient|claimant|citizen)s? (?:s )?(?:name|names|phone|tel|telephone|mobile|email|mail|sign)*
        names? (?:full|first|last|middle|of (?:head|respondent|applicant|person)|respondent|applicant|head)|[flm] ?name|(?:phone|tel|mobile|mob|cell) ?(?:no|num|nr|full|main|mobile|mobilny|dom|rab|\d+)|contact (?:no|num|name|info|phone|\d+)|doc (?:no|num|number|series)|nat ?id*|voter ?(?:card|id)|insurance ?no
        им(?:я|ени) (?:фам|отч|заяв|респ|глав|ребен)*|фам (?:имя|отч)*|фам|имя отч|отч
        """,
        r"""
        =мобильный|сотовый|домашний|рабочий телефон|mobilnyi?|sotovyi?
        """,
    ),
    wording=phrases(
        r"inn (?:number|code)|(?:phone|mobile) of (?:the )?(?:respondent|applicant)|(?:tin|nin|nik|pan|nie|dni|rut) number",
        """
        =(?:your |mobile |home )?(?:phone|telephone|name|mobile)(?: please)?
        =(?:ваш* )?(?:\\w+ )?(?:телефон|имя|почта)
        """,
    ),
    stems=letters(
        r"natid|fullname|fname|lname|contactnum|phoneno|mobilen|bankacct|creditcard|cardno|birthcert|insuranceno|voterc|passport|pasport|snils|снилс|паспорт|fingerprint|biometri|биометри|phonenumber|socialsecurity|surname"
        r"|(?:first|last|full|middle|maiden|family)name|dateofbirth|birthdate|nationalid|taxpayer|фамили|отчеств"
        r"|датарожд|номертелеф|номерсчет|номеркарт|emailadd|idnumber|idcard"
    ),
    innocent=phrases(
        r"number of (?:\w+ ){0,4}?(?:phones|cards|accounts|documents|people|persons|adults|children|members|households|meals"
        r"|days|hours|rooms)",
        r"name of (?:your |the )?(?:district|region|area|province|city|town|programme|program|instrument|main fuel)",
        "what number of",
        """
        дни|день рождения ребенка|отпраздн* ~ рождени*|номер* (?:анкет|вопрос|пункт)*
        номер* (?:недел|месяц|дом)*
        """,
        r"""
        (?:district|region|area|province|city|town|programme|program|instrument|item|crop|food|fuel|scale|product|medicine|file|column|variable|school|shop|clinic|month|day|support|raion|oblast)(?: s)? names?|names? (?:of )?(?:district|region|area|province|programme|instrument|item|crop|food|fuel|month)
        (?:has|have|own|owns|afford|no|smart|working|a|can|with|need|needs) ?(?:a )?(?:mobile |smart|cell |home )?(?:phone|mobile|телефон)s?|phone (?:bill|affordable|costs?|credit|tariff|owned|ownership|access|afford\w*|works?|have|has|yes no)|phones? (?:owned|in)|есть телефон*|телефон* (?:есть|нет|доступен|оплат\w*)|(?:оплата|нет|наличие) телефон*
        """,
    ),
    doubt=phrases(
        r"""
        полис*
        госуслуг*
        personal data
        персональн* данн*
        data match*
        """,
    ),
    doubt_wording=phrases(
        r"""
        ids?
        identification|identity
        (?:phone|mobile) (?:provider|operator|contract|company)
        birthday (?:date|year)
        your (?:mobile |home )?phone please
        ваш (?:\w+ )?телефон
        phone of
        """,
    ),
    doubt_names=phrases(
        "birth ?year|year of birth|год рождения|nickname|id type|document type|=подпись|documents?",
        r"""
        names?|имя|phones?|телефон*|contact*
        """,
    ),
)

_RECORD_WORD = (
    r"(?:\w*person|\w*respondent|member|case|client|applicant|beneficiary|individual|user|record|submission"
    r"|household|family|interview|response|pseudonym|hh|participant|claimant|recipient|people|customer|citizen)"
)

RECORD = Rule(
    "boundary.record-id",
    "an identifier of a person or a household",
    "A column that tells people apart is never measured or published; rows are known by their number only.",
    names=phrases(
        """
        =ids?|key|identifier|index|identificator|ид|ключ|идентификатор|row id|serial|serial no
        uu ?id|guid|hhid|hh id|pid|uid|person id|instance ?id
        """,
        rf"{_RECORD_WORD} ?(?:ids?|identifier|key|code|number|no|num|hash)",
        """
        =hh|household|clusters?|clu|psu|ssu|ea|enumeration area|dwelling
        (?:cluster|psu|ssu|ea|dwelling) (?:ids?|number|no|num|code)
        =кластер
        """,
        r"(?:id|ид|номер|код|ключ|идентификатор) (?:респондент|заявител|домохозяйств|семь|анкет|клиент|человек|получател"
        r"|участник|граждан)\w*",
        r"(?:респондент|заявител|домохозяйств|семь|анкет|клиент|человек|получател|участник|граждан)\w* (?:id|ид|номер|код|ключ)",
    ),
    wording=phrases(
        rf"(?:unique|personal) (?:identifier|key|code) (?:of|for) (?:\w+ )?(?:{_RECORD_WORD})",
        "(?:уникальн|личн)* (?:идентификатор|ключ|код)* (?:\\w+ )?(?:человек|заявител|респондент|граждан)*",
    ),
)

_SITES = (
    r"(?:facebook|instagram|telegram|whatsapp|twitter|vkontakte|vk|tiktok|tik tok|linkedin|youtube|viber|wechat|snapchat"
    r"|odnoklassniki|social media|social networks?|social network(?:ing)?)"
)
_SITES_RU = (
    r"(?:вк|вконтакте|одноклассник\w*|телеграм\w*|тг|инстаграм\w*|фейсбук\w*|вотсап\w*|ватсап\w*|тикток\w*"
    r"|соцсет\w*|соц сет\w*|социальн\w* сет\w*)"
)

LOCATION = Rule(
    "boundary.location",
    "a precise place, a device or a trace of one",
    "People are not watched: no location finer than a public district, no device, no trace.",
    everywhere=phrases(
        r"gps*|glonass|глонасс",
        r"latitude|longitude|altitude|geo ?(?:point|trace|shape|location|locat|coordinates?|code|hash|tag|fence|data|position)*",
        r"coordinates?|coords?|what ?3 ?words|what three words|plus code|map pin|pin (?:\w+ )?on (?:a|the) map",
        r"(?:home|postal|street|mail|mailing|residential|residence|exact|your|house|dwelling|current|permanent|work|full)"
        r" ?address*|house (?:number|no)|street (?:name|number|and|you live)|which street|(?:flat|apartment|building|door) number",
        r"address of (?:\w+ ){0,2}?(?:home|house|dwelling|residence|respondent|applicant|household|flat|employer|you)",
        r"post ?codes?|postal ?codes?|zip ?codes?|zip",
        r"device ?(?:ids?|identifier|fingerprint|model|name|serial|info\w*)|imei|imsi|mac ?address*|ip ?addr*|user ?agent",
        r"advertising id|idfa|gaid|android id|iccid",
        r"sim ?(?:serial|ids?|card (?:number|serial))|subscriber ?ids?",
        r"(?:track|follow|monitor|trace|log)(?:ing|ed|s|er)? (?:of )?(?:your |the |his |her |their |you |where ){0,2}"
        r"(?:phone|device|location|movements?|whereabouts|go|travel\w*|vehicle|mobility)",
        r"(?:track|follow|monitor)(?:ing|ed|s|er)? (?:of )?(?:you|applicants?|respondents?|people|persons?|households?|where)",
        r"where (?:were|are) you (?:\w+ )?(?:now|yesterday|today|last|at|between|on|when|this|the)|where (?:do|did|have) you"
        r" (?:go|gone|been|travel\w*)(?: to)? (?:yesterday|today|last|each|every|during|after|on|at|this)",
        r"whereabouts|location (?:history|trace|trail|data|log|ping|track\w*)|mobility (?:data|trace|pattern|log)*|movement data"
        r"|(?:your|person|people|respondent|daily) movements",
        r"brows(?:er|ing) (?:history|data|log)*|search history|cookies|(?:app|phone) usage (?:data|log)*|screen time"
        r"|websites? ~ visit*|visit* ~ websites?|which websites?|sites you visit|internet (?:history|traffic|log)*",
        r"call (?:records?|logs?|history|details?|data)|cdrs?|sms (?:records?|logs?|history|content)|phone (?:records?|logs?|metadata)"
        r"|(?:read|reading|content of) (?:\w+ )?(?:text messages|messages|sms)|contacts? list|phone ?book|address ?book",
        r"(?:mobile|telecom|phone|cell|network) ?(?:operator|company|carrier|telecom)? (?:data|metadata|traces?)"
        r"|telecom\w* (?:data|record|metadata|operator)*|(?:data|records?) from (?:\w+ )?(?:mobile|telecom|phone) (?:\w+ )?(?:operator|network|company)",
        r"cell (?:tower|site|id)s?|base station|triangulat*|wi ?fi (?:mac|name|ssid|networks?|log|logs|probe|hotspots?|scan|access point)"
        r"|(?:list of|nearby) wi ?fi|wifi (?:networks?|ssid|logs?)|bluetooth*|beacons?|ssid|bssid|rfid",
        rf"{_SITES} ?(?:\w+ )?(?:accounts?|profiles?|pages?|login|names?|id|handle|user ?names?|posts?|friends|activity|nick\w*|followers"
        r"|links?|groups|likes|messages)",
        rf"(?:accounts?|profiles?|pages?|posts?|likes|friends|followers|user ?name|handle|nick\w*) (?:on|in|from|at) (?:\w+ )?{_SITES}|your {_SITES}",
        r"cctv|surveillance|(?:security|street|ip|doorbell|traffic|body|city|hidden|public|surveillance) ?cameras?"
        r"|camera (?:footage|images?|ids?|record*|data|feed)|footage|video (?:surveil|footage|record)*|drones?|microphone|webcam|eavesdrop*|wiretap*",
        r"(?:photo|photograph|picture|image|video|film|audio|recording)s? of (?:\w+ ){0,3}?(?:house|home|dwelling|door|yard|person|face"
        r"|household|family|room|rooms|kitchen|building|entrance|voice|children|child)",
        r"(?:record|recording) (?:\w+ ){0,2}?(?:voice|conversation|audio)|voice record*",
        r"(?:purchase|shopping|transport card|travel card|smart ?card|loyalty card) (?:history|data|record|log|trip)*|smart meter data|licen[cs]e plate recogn*",
        """
        геолокац*|геопозиц*|геометк*|геодан*|геоточк*|координат(?:ы|а|ам|ах|ами)?|широт[ауы]|долгот[ауы]|местоположен*|местонахожден*|gps|джипиэс
        (?:домашн|почтов|точн|ваш|фактическ|полн)* адрес*|адрес* ~ (?:проживани|регистраци|прописк|дом|жительств|заявител|респондент|работ|жиль)*
        адрес* (?:проживани|регистраци|прописк|дом|жительств|заявител|респондент|работ|жиль)*
        (?:укажите|введите|напишите|оставьте|сообщите|назовите) (?:\\w+ )?адрес
        почтов* индекс*|ip адрес*|айпи*|мак адрес*
        улиц[ауы] (?:\\w+ )?дом*|номер* (?:дом[а]?|квартир*|подъезд*)\\b|на какой улице|улиц[ауы] и (?:номер|дом)*
        (?:номер|идентификатор|id|ид|модель|серийн)* (?:\\w+ )?устройств*|имей|имси
        аккаунт*|никнейм*|(?:ваш|какой) ник|ник (?:в|заявител|телеграм)*
        """,
        rf"(?:страниц|профил|аккаунт|ссылк|пост|подписк|лайк|друз|ник|логин|запис)\w* ~ {_SITES_RU}"
        rf"|(?:страниц|профил|аккаунт|ссылк|пост|подписк|лайк|друз|ник|логин|запис)\w* {_SITES_RU}",
        rf"{_SITES_RU} (?:страниц|профил|аккаунт|ссылк|id|ник|логин|имя)\w*",
        """
        камер* (?:\\w+ )?(?:наблюдени|подъезд|двор|улиц|дом|город)*|видеонаблюден*|(?:запис|видео|съемк|кадр)* ~ камер*|видеокамер*|прослуш*|диктофон*
        истори* (?:\\w+ )?(?:браузер|поиск|просмотр|звонк|перемещен|посещен|покуп|местополож)*|как* сайт*|сайт* (?:\\w+ )?посеща*|посеща* ~ сайт*
        детализаци*|(?:список|журнал|распечатк|запис)* (?:\\w+ )?(?:звонков|вызовов|переговоров)|перемещени*|передвижени*|маршрут* (?:заявител|респондент|передвиж|ваш)*
        (?:данн|сведени|информаци)* ~ (?:оператор|сотов)*|оператор* (?:\\w+ )?данн*|данн* (?:\\w+ )?оператор*|биллинг*
        где вы (?:были|находитесь|находились|бываете)|отслежива*|слежк*|следить за|слежени*|вышк* сотов*|базов* станци*|точк* доступа|мобильн* трек*
        (?:фото|видео|сним|съемк)* (?:\\w+ )?(?:дом[а]?|жиль|квартир|двор|лиц[а]|комнат|подъезд)\\w*
        """,
        r"""
        location (?:services?|sharing|permission|access|tracking|data|on your)|(?:turn|switch) on (?:\w+ )?(?:location|gps|bluetooth)|(?:enable|allow|share|send|access) (?:\w+ ){0,2}?location
        (?:drop|place|put|mark|show|point|pin|find|tap) (?:\w+ ){0,4}?on (?:the |a )?map|(?:drop|place|put) (?:a |the )?pin|(?:your )?(?:house|home|dwelling) on (?:the |a )?map
        (?:apps?|applications?) (?:\w+ ){0,3}?(?:installed|on your phone|do you use|you use)|installed apps?|(?:log|sign) ?in with|qr code on your|name of your (?:street|house|farm|building|village)|(?:in )?(?:what|which) (?:street|house|building)
        travel (?:log|logs|diary|history|route|pattern|trace)*|your (?:usual |daily )?(?:route|routes|itinerary)|(?:where|which places) (?:\w+ )?you (?:usually )?(?:hang out|spend your (?:evenings|time|days|nights))|places you (?:visit|go)*
        (?:what|which) (?:\w+ )?(?:posts?|do you post|did you post|do you share|do you write) (?:\w+ )?(?:on|online|in)?|online (?:activity|posts|behaviou?r|profile)|(?:time|hours|minutes) (?:\w+ ){0,4}?(?:facebook|instagram|tiktok|telegram|social media|vk)
        приложени* (?:\w+ ){0,4}?(?:установлен|телефон|пользу)*|как* приложени*|(?:на|по) карте (?:дом|мест|где|ваш)*|(?:отметьте|покажите|укажите|поставьте|найдите) (?:\w+ ){0,4}?на карте|включите (?:\w+ )?(?:геол|местопол|gps|блютуз)*
        куда вы (?:\w+ ){0,3}?(?:ходил|ездил|ходите|ездите|отправл)*|где вы (?:\w+ ){0,3}?(?:бывал|были|гулял|проводи|провел|находил)*|маршрут*|по какому (?:\w+ )?адресу|номер* (?:\w+ )?дома|ваши поездк*|поездк* (?:заявител|респондент)*|что вы (?:пишете|публикуете|постите)
        """,
        r"""
        (?:apartment|flat|house|building|door|plot) (?:no|num|nr|number)|(?:insta|fb|vk|tg|ig|twitter|x) (?:handle|nick|account|profile|page|link|id|name|url)|handles?|(?:how many|number of|list of|log of) (?:\w+ )?(?:calls|texts|messages|sms) (?:\w+ ){0,3}?(?:make|made|send|sent|operator)*|phone ?calls? (?:log|list|record|histor|data)*|calls? log*|according to your (?:operator|phone|carrier)|(?:places|shops|addresses|sites) you (?:\w+ )?visit*|access to (?:your )?(?:camera|location|contacts|photos|microphone)
        """,
        r"""
        (?:групп|канал|паблик|страниц|подпис|читае|пишет|пост|сообществ|чат)* (?:\w+ ){0,5}?(?:вк|вконтакте|одноклассник\w*|телеграм\w*|инстаграм\w*|фейсбук\w*|соцсет\w*|социальных сетях)
        вышк* (?:\w+ )?(?:сотов|связи|телефон|ваш)*|(?:с|от) как* вышк*|доступ* (?:\w+ )?к (?:камер|геопоз|геолок|контакт|микрофон|местопол|фото)*|номер* кв*|улиц[ауы] (?:и |\w+ )?дом*
        (?:which|what) (?:\w+ )?(?:groups?|pages?|channels?|accounts?|people) (?:do |did )?you (?:\w+ )?(?:follow|read|like|subscribe|post)*|(?:hours|time|minutes) (?:\w+ ){0,6}?(?:on|using) (?:facebook|instagram|tiktok|telegram|vk|youtube|social media)
        """,
    ),
    names=phrases(
        r"locations?|lat|lon|lng|long lat|latlon|latlng|geom|geometry|geo",
        """
        =address*|адрес|адреса|adres|adress|street|улица|zip|geo|широта|долгота|индекс|post index|ulitsa|карта|точка на карте
        =ip|mac|device|sim|ssid|camera|wifi id|camera feed|ник|nick|браузер|browser|устройство|imei|трек
        (?:address|адрес) (?:\\d+|line|full|text)
        wi ?fi (?:mac|name|ssid|id)|user ?name|login|логин
        (?:respondent|client|user|device) ip
        адрес (?:\\w+)|\\w+ адрес
        улица дом|дом кв*|номер дома|номер квартиры
        (?:house|home|dwelling|door) (?:photo|picture|image|video)|street address|house no
        страница вк|вк id|вк ссылка|тг ник|vk id|tg nick*|vk (?:page|link)
        """,
    ),
    wording=phrases(
        "(?:your|exact|current|phone s|phone|precise|live|share|real time) location|where you are (?:right )?now"
    ),
    stems=letters(
        "geolocat|геолокац|местополож|homeaddress|streetaddress|ipaddress|gpslat|gpslon|browsinghist|mestopolozh"
    ),
    innocent=phrases(
        "адресн* (?:помощ|поддержк|социальн)*|school address*|e ?mail address",
        "photo of (?:the )?(?:roof|stove|damage)|address (?:your|these|this|the) (?:need|problem|issue)s?",
    ),
    doubt_wording=phrases(
        rf"{_SITES}|{_SITES_RU}",
        "locations?|addresses|адрес*|cameras?|камер*|devices?|устройств*|photos?|фото*|movements?|gis|satellite",
    ),
    doubt_names=phrases(
        "settlement|village|town|city|neighbou?rhood|улица*|село|деревня|населенн* пункт*|photo*|geographic*"
    ),
)

PARADATA_RULE = Rule(
    "boundary.paradata",
    "a trace that the survey software or the device left",
    "People are not watched: paradata is dropped unread.",
    everywhere=phrases(
        r"(?:interview|survey|response|respond|answer|answering|completion|form|page|question|item)s? ?(?:duration|latency|timing|speed|"
        r"time ms|time ?stamp|start time|end time|time sec\w*)|paradata|para data|metadata of the (?:interview|survey|form)",
        r"key ?strokes?|mouse (?:clicks?|moves?|movements?|track\w*)|click ?stream|typing (?:speed|rhythm)|straight ?lin(?:ing|er)*|speeders?"
        r"|person ?fit|inconsisten(?:cy|t) (?:score|flag|index|answer\w*)|infit person|scroll(?:ing)? (?:depth|speed)",
        r"how (?:long|fast|quickly) (?:\w+ )?(?:applicant|respondent|person) (?:\w+ )?(?:took|take|answer\w*|need\w*)|time (?:taken|spent) (?:to|on) (?:\w+ )?(?:answer|each question|question|form)\w*",
        """
        (?:время|дата|момент) (?:начала|окончания|конца|старта|завершения|заполнения|ответа) (?:интервью|опроса|анкет*|ответ*|вопрос*|заполнени*)
        (?:длительност|продолжительност|скорост|тайминг)* (?:интервью|опрос|анкет|ответ|заполнени|ввод)*|паради?анн*|параданн*|метк* времени
        (?:нажати|движени)* (?:клавиш|мыш)*|сколько (?:времени|секунд) ~ (?:ответ|заполн)*
        """,
    ),
    names=phrases(
        "(?:response|answer|completion|interview|survey) time*|duration|durationsec*|=длительность|time ?stamp*|device model|submission (?:time|uuid)",
        "=start time|end time|start interview|end interview|interview (?:start|end)|время (?:начала|окончания|ответа)",
    ),
    innocent=phrases(
        "(?:power cut|illness|drought|unemployment|outage|stay|job|rent|school|flood|breastfeeding|lease) duration"
    ),
)

PARADATA = re.compile(
    r"_.*"
    r"|start|end|today|start_?time|end_?time"
    r"|device_?id|subscriber_?id|sim_?serial|sim_?id|sim_?number|phone_?number|user_?name|e_?mail"
    r"|audit(_url)?|instance_?(id|name)|formhub_?uuid|background-audio"
    r"|geo(?!graph|zone|region|area|unit)\w*|gps\w*"
    r"|(photo|picture|image|audio|video|signature|media|attachment)s?(_?\d+|_?url|_?file(_?name)?)?|\w+_url"
)
"""Last path elements of the columns that a data collector adds without asking the person."""
