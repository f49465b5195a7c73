# ruff: noqa: E501 - word lists: a line is one family of words, and cutting it would hide that
"""Phrases about conduct and worth: sexual life, loyalty, registers, sanctions, informers; and, in doubt only, health."""

from evenhand.programme.guardpattern import Rule, letters, phrases

SEXUAL_LIFE = Rule(
    "boundary.sexual-life",
    "sexual life or orientation",
    "It is nobody's business in a question of need.",
    everywhere=phrases(
        r"""
        sexual*|sex ?(?:life|partners?|worker?s?|work|acts?|orient*|drive|habits?|activity)|(?:had|have|having|has|safe|unprotected|premarital|extramarital) sex|sex with|asexual*|pansexual*
        (?:hetero|homo|bi|trans)sex*|gay|gays|lesbian*|lgbt*|queer*|transgender*|trans (?:man|woman|person)|non ?binary|cisgender*|gender identit*|gender dysphor*|same sex (?:partner|couple|marriage|relation)*
        intimate (?:life|relations?|partners?|relationships?)|sleep* with (?:your|a|other|anyone|any) (?:partner|husband|wife|man|men|woman|women|person)*|intercourse|masturbat*|porn*|prostitut*|escort services?
        contracept*|condoms?|birth control|family planning method*|abortion*|virgin|virginity|orgasm*|libido|erect(?:ile|ion)*
        extramarital*|unfaithful*|infidelit*|adulter*|love affairs?|cheat* on (?:your|a|his|her)*|lovers?
        сексуальн*|секс|секса|сексом|интимн*|гомосексуал*|бисексуал*|гетеросекс*|лесби*|транс(?:гендер|сексуал)*|лгбт*|квир*|гей|геи|геев|геем|геям|небинарн*|однопол*
        полов* (?:\w+ )?(?:жизн|партнер|связ|акт|ориент|контакт|отношен|влечен)*|контрацеп*|презерватив*|аборт*|девственн*|проститу*|порно*|гендерн* идентич*|предохраня*
        (?:измен|верн)* ~ (?:мужу|жене|супруг)*|супружеск* (?:измен|неверн)*|любовни(?:к|ц)*|внебрачн* связ*|ориентаци* (?:пол|сексу)*|с кем вы спите
        seks*|polovaya zhizn*
        """,
        r"""
        (?:had|have|having|has|an) (?:an )?affairs?|attracted to (?:\w+ )?(?:men|women|males|females|people|same|both|either)*|(?:same|opposite) sex|morning after pill|the pill|iud|(?:first|last) (?:\w+ )?sex|dating apps?|tinder|grindr|impoten*|sexting|make love|making love|body count|fetish*|polyamor*
        противозачаточн*|занима* любовью|интим|влечени*|(?:нрав|влеч|тян)* ~ (?:мужчин|женщин)*|бисекс*|пассивн* или активн*|спираль|импотен*|близост* с (?:муж|жен|партн)*|половую|половой|половая
        """,
    ),
    names=phrases("orientation|ориентация", "=gay|sex life|trans|sexorient"),
    stems=letters("sexualor|sexlife|сексуал|sexorient"),
    innocent=phrases(
        "virgin (?:olive|oil|mobile|media)*|orientation (?:day|week|lesson)|(?:job|work|школьн*|профессиональн*) orientation|профессиональн* ориентаци*|condominium",
        r"""
        полов(?:ая|ой|ую) (?:принадлежност|состав|структур|тряпк)*|финансов* спираль|sexes|by sex|sex (?:of|and age)|business affairs|financial affairs|money affairs|current affairs
        """,
    ),
    doubt=phrases(
        "fertility|menstrua*|sanitary|domestic violence|menopaus*|(?:семейн|домашн)* насили*|прокладк*|(?:секс)"
    ),
)

_STATE = r"(?:country|state|nation|motherland|homeland|fatherland|flag|anthem|government|authorities|army)"

LOYALTY = Rule(
    "boundary.loyalty",
    "loyalty, worth or trustworthiness",
    "No measure of a person's worth or loyalty exists here, under any name.",
    everywhere=phrases(
        r"""
        loyal(?:ty|ties|ly|ist|ists)?|disloyal*|patrioti*|patriots?|unpatriotic|traitors?|treason*|allegiance*
        (?:un)?trustworth*|(?:un)?trusted (?:citizen|person)|(?:un)?reliable (?:citizen|person)
        soc(?:ial|ietal)? (?:credit|rating|rank|ranking|worth|value|score|scoring|points?|merit|standing|usefulness|reliability|status score|grade)*
        (?:citizen|citizens|civic|civil|behaviou?r|behaviou?ral|conduct|trust|moral|morality|obedience|reliability|character|worth|worthiness|reputation|reputational|honesty|integrity|merit|virtue|discipline|compliance|people|person|resident|good deed|lifetime|life|personal)(?: s)? (?:score|scores|scoring|rating|rank|ranking|points?|grade|credit|marks?)
        (?:score|rating|ranking|rank|grade|points?) (?:of|for) (?:\w+ )?(?:citizen|conduct|behaviou?r|trust|worth|honesty|loyalty|reliability|people|residents?|persons?|character)*
        (?:good|model|bad|exemplary|law abiding|honest|decent|upstanding) citizens?|law ?abiding*|obedien*|disobedien*|obey*
        attitudes? to(?:wards)? (?:the |your )?(?:government|authorities|president|state|army)
        (?:good|bad|proper|public|anti ?social|immoral|moral|civic|deviant|exemplary) (?:behaviou?r|conduct)(?: \w+)?|antisocial*|misbehav*|behav* (?:\w+ )?(?:properly|well|badly|in public)|conduct certificate
        deserving*|deservingness|undeserv*|deserves? (?:\w+ )?(?:help|support|aid|it|benefit|to)*|worthy|unworthy|worthiness
        (?:useful|usefulness|value|valuable|worth|contribut|burden|harmful|benefit)* (?:to|for|on) (?:\w+ )?(?:society|community|the state|the country|the nation)
        moral (?:character|qualit|standing|valu|fibre)*|good character|character reference|parasit(?:e|es|ism|ic)|laz(?:y|iness)|idle(?:r|rs|ness)|freeload*|scroung*|workshy|respectab*
        """,
        rf"(?:love|proud|pride|devot\w*|betray\w*|fight for|defend|die for|serve|faithful\w*|respect|hate|owe|duty to) (?:\w+ ){{0,7}}?{_STATE}",
        r"(?:support|trust|criticis\w*|criticiz\w*|approve of|confidence in|faith in|believe in) (?:(?:the|your|our|this|local|national) ){0,2}(?:government|authorities|president|state|army|system)",
        """
        лояльн*|нелоял*|лоял*|патриот*|благонад*|неблагонад*|предател*|измен* родин*|присяг*|верноподдан*
        социальн* (?:рейтинг|кредит|ценност|балл|полезн|значимост|ранг|оценк|доверие|скоринг|вес\\b)*|соцрейтинг*|соц рейтинг*
        рейтинг* (?:\\w+ )?(?:граждан|жител|довер|человек|заявител|поведени|благонад|репутац|людей|населени|полезн|надежн)*
        (?:балл|оценк|уровень|индекс|рейтинг|коэффициент|шкал|скоринг|очк)* (?:\\w+ )?(?:довер|поведени|лояльн|надежн|полезн|порядочн|благонад|дисциплин|добропоряд|послуш|достойн|гражданин|ценност|репутац|честност|граждан)*
        (?:люб|горд|предан|служ|умер|защища|уваж|верн)* ~ (?:родин|отечеств|стран|государств|флаг|держав)*|долг перед (?:родин|отечеств|государств|стран)*|(?:родин|отечеств)[уаеы]
        отношени* к (?:власт|президент|правительств|губернатор|государств|родин)*
        (?:доверя|поддержива|одобря)* (?:ли )?(?:вы )?(?:действия )?(?:\\w+ )?(?:власт|президент|правительств|государств|полици|арми)*|довери* (?:\\w+ )?(?:власт|президент|правительств|государств)*
        достоин|достойн[аы]? (?:\\w+ )?(?:помощи|поддержки|ли|заявител)*|недостоин*|достоинств* заявител*|заслужива* (?:\\w+ ){0,3}?(?:помощ|поддержк|пособи)*|заслужил*
        (?:полез|вред|ценн|обуз|пользу|вклад)* (?:\\w+ ){0,3}?(?:обществ|государств|стран)*|законопослуш*|тунеяд*|дармоед*|ленив*|лентя*|добропоряд*|аморальн*|моральн* облик*|нравственн*|антиобществ*|асоциальн*|порядочн*
        (?:плох|хорош|примерн|общественн|асоциальн|антисоциальн|непристойн|надлежащ)* поведени*|поведени* (?:заявител|граждан|в обществ|в быту)*|образцов* граждан*|хорош* граждан*|примерн* граждан*|репутаци*
        loyaln*|patriotizm|blagonad*
        """,
        r"""
        (?:applicant|claimant|respondent|beneficiar(?:y|ies)|recipient|client|person|household|family|families|tenant|he|she|they)s? (?:s )?(?:\w+ ){0,3}?(?:un)?(?:honest|honesty|reliab|trustworth|trusted|decent|sincer|credib|moral|respectab|hard ?working|lazy|polite|politeness|grateful|obedien|disciplin|sober|well behaved|behav|attitude|manners|character|merit|habit|lifestyle|reputation|cooperativ|hostile|appearance|conduct|criminal|decency|useful|worth|deserv|truthful|truth)\w*
        (?:un)?(?:honest|honesty|reliab|trustworth|trusted|decent|sincer|credib|moral|respectab|hard ?working|lazy|polite|politeness|grateful|obedien|disciplin|sober|well behaved|behav|attitude|manners|character|merit|habit|lifestyle|reputation|cooperativ|hostile|appearance|conduct|criminal|decency|useful|worth|deserv|truthful|truth)\w* (?:\w+ ){0,3}?(?:of|is|are) (?:\w+ ){0,2}?(?:applicant|claimant|respondent|beneficiar(?:y|ies)|recipient|client|person|household|family|families|tenant|he|she|they)s?
        """,
        r"""
        (?:grateful|gratitude|thankful|indebted|duty|obligation) (?:\w+ ){0,5}?(?:state|government|country|president|nation|authorities|leader|motherland)|deserv*|merits? (?:\w+ ){0,3}?(?:country|state|society|nation|homeland)|decent (?:people|person|citizen|folk)|anthem*|salute*|flag ceremony
        rate (?:the |this |his |her )?(?:applicant|person|family|household|claimant)*|credit to (?:the|his|her|their) (?:village|community|nation|town|family)|(?:moral|ethic|civic|social|people|human|behaviou?r|reputation|citizen|worth|honesty|loyalty)* (?:score|rating|ranking|grade)s?|willing to (?:fight|die|serve)|role model citizen*
        (?:веде|вел|вести|веду)* (?:\w+ )?себя (?:\w+ ){0,3}?(?:заявител|семь|человек|граждан|в быту|в обществ|на люд|прилич|достойн|подобающ)*|благодар* (?:\w+ ){0,3}?(?:государств|власт|стран|президент|руководств)*
        (?:надежн|ответственн|сознательн|честн|приличн|порядочн|достойн|уважаем|полноценн)* (?:\w+ )?(?:ли )?(?:\w+ )?(?:гражданин|человек|заявител|семья|люди|жител)*|(?:заявител|человек|семь)* (?:\w+ ){0,2}?(?:надежн|честн|порядочн|вежлив|трудолюб|опрятн|достойн|сознательн|воспитан)*
        оцените (?:\w+ ){0,3}?(?:заявител|человек|семью|семьи|характер|личност|порядочн|честност|поведени|мораль)*|характер* заявител*|заслуг* (?:\w+ )?(?:перед|заявител|родин)*|гимн*|государственн* флаг*|(?:балл|рейтинг)* (?:\w+ )?(?:социальн|граждан|довери|поведени|честн)*|социальн* балл*|стыдно за стран*
        """,
        r"""
        (?:grade|score|rank|judge|mark|rate|assess) (?:\w+ ){0,4}?(?:citizen|conduct|behaviou?r|character|moral|loyal|worth)*|citizens? (?:s )?(?:conduct|behaviou?r|duty|duties|worth|loyal|rating|score|index|points|rank)*|образ жизни (?:заявител|семь)*|(?:достойн|правильн|здоров|асоциальн|паразитич)* образ жизни
        """,
    ),
    names=phrases(
        "=loyalty|trust score|deserving*|worth|obedience|reputation|honesty|respectability|балл доверия|conduct|conduct score|behaviour points|social points|merit",
        "trust (?:score|index|rating|level|rank)",
    ),
    stems=letters(
        "loyalty|trustworth|socialrating|socialcredit|trustscore|citizenscore|лояльност|благонадеж|соцрейтинг|socialscore"
    ),
    innocent=phrases(
        "(?:child|children|pupil|son|daughter)(?: s)? (?:behaviou?r|conduct)*|behaviou?r of (?:your |the )?child*|worth (?:of|less)|net worth|loyalty (?:discount|points in)",
        "social (?:support|status|services?|security|protection|worker|assistance|help)|social value of|obey doctor s|поведени* (?:\\w+ )?(?:ребенк|детей|дет)*|родин[аы] мать",
        "personal (?:score card)|nhs trust|housing trust|serve* (?:a )?(?:hot )?meal*|social (?:support|network|contact|cohesion|participation|isolation) (?:score|scale|index)|(?:food|need|hunger|poverty|deprivation|hardship|person) score",
        r"""
        school merits?|(?:children|child|kids) (?:\w+ ){0,3}?(?:behav|character|manners|habits)*|(?:eating|food|feeding|hygiene|drinking|spending|cooking|saving) habits?|(?:house|home|household|family) worth|family (?:name|size|member\w*)|habits? of eating|reliab\w* (?:\w+ )?(?:water|power|electricity|transport|supply|internet|income)
        """,
    ),
    doubt=phrases(
        r"trust(?:ed)? (?:in |other |your |most )*(?:neighbou?rs?|people|others|persons?|community|strangers)|most people can be trusted|respect(?:ed)? (?:in|by)*|reputation|volunteer*",
        "доверя* (?:\\w+ ){0,3}?(?:сосед|людям|людей|друг|окружающ)*|большинств* людей ~ довер*|волонтер*",
    ),
)

_RECORDS = r"(?:register\w*|regist(?:ry|ries)|databases?|data ?base|records?|blacklists?|bureau\w*|files?|lists?|statements?|extracts?|histor(?:y|ies)|certificates?|data|report\w*|roll|rolls)"
_REGISTERED = r"(?:debts?|debtors?|tax|taxes|bank|employers?|employment|population|credit|police|court|criminal|offenders?|fines?|property|land|vehicle|payroll|migration|civil|loans?|salary|wage|benefit|national|state|government)"

REGISTERS = Rule(
    "boundary.registers",
    "police, courts, fines or a register of debts",
    "Evenhand has no connector to a register and no field for a sanction; need is what the person tells us.",
    everywhere=phrases(
        r"""
        polic(?:e|eman|emen|ewoman|ing)|cops|gendarm*|interpol|sheriff*|law enforcement
        courts?|lawsuits?|litigat*|prosecut*|bailiffs?|sued|(?:a|the) judge|magistrate*|tribunals?|summons|plaintiff|defendant
        criminal*|convict(?:ed|ion|ions|s)?|arrest(?:s|ed|ing)?|prison*|jail*|gaol*|incarcerat*|imprison*|inmates?|offen[cs]es?|offenders?|delinquen*|felon*|misdemeano*
        probation|parole*|detain(?:ed|ees?)|detention|in custody|police custody|charged with|indict*|(?:arrest|search) warrants?|warrant for|law ?breaking|(?:broken?|break|breaking) the law|wanted by|rap sheet|community service order|ankle (?:tag|monitor)
        (?:commit|committed|committing) (?:\w+ ){0,3}?(?:crimes?|offen[cs]e|violation|theft)*|(?:crimes?|thefts?) (?:you|he|she|applicant|committed)*|interrogat*|investigat*|juvenile (?:record|offen)*
        fines|(?:traffic|parking|unpaid|pay|paid|court|administrative|police|owe|got|speeding|a|any|outstanding|issued|receiv|library) (?:an? )?fine|fined|fine (?:amount|number|count|debt|paid|unpaid|total|for)*|parking tickets?|speeding tickets?|penalty notices?
        background (?:check|screening)*|vetting|security clearance|wanted list*|dbs check
        """,
        rf"{_REGISTERED} (?:office |bureau |enforcement |cross )?{_RECORDS}",
        rf"{_RECORDS} (?:\w+ ){{0,2}}?(?:of|from|at|in|by|with) (?:\w+ ){{0,4}}?(?:debts?|debtors|offenders|fines|taxpayers|loans?|banks?|bailiffs?|courts?|police|tax\w*|employers?|credit bureau\w*|population|land|arrears|criminals?)",
        rf"(?:checked against|match\w* (?:with|to|against)|linked (?:to|with)|link\w* (?:to|with)|cross ?check\w*|join\w* (?:to|with)|look\w* up in|verified (?:with|against)|compar\w* with) (?:\w+ ){{0,4}}?(?:{_RECORDS}|employer|bank|tax\w*|authorit\w*)",
        r"""
        credit (?:scores?|scoring|histor|rating|reports?|bureau|records?|file|rank|check|worthiness)*|creditworth*|experian|equifax|transunion|schufa|cibil|fico
        bank (?:statements?|records?|data|transactions?|balances?|history)|account statements?|(?:transaction|spending|card) (?:history|records?|data|log)*|(?:statement|extract) of (?:\w+ )?account|payslips? from|open banking
        tax (?:debts?|arrears|evasion|returns?|records?|office|authorit|inspect|liabilit|file|complian|avoid|fraud|register)*|(?:owe|owes|owed|owing|unpaid|back|overdue) (?:\w+ ){0,2}?tax(?:es)?|taxes (?:owed|due|unpaid)|pay* (?:\w+ ){0,2}?taxes
        bankrupt*|insolven*|undeclared (?:work|income|job)*|work* (?:undeclared|illegally|off the books|under the table|without papers)|land registry|cadastr*|population register*|civil registry|social registry|electoral register
        debt* (?:register|registr|list|database|blacklist|enforce|record|file|report|status code|flag|order|judg)*|debtors?(?: s)? (?:list|register|database|prison|flag)|enforcement (?:case|order|proceed|agent|officer)*|(?:seiz|garnish|repossess)* (?:\w+ )?(?:wages?|salary|account|order)*|garnish*
        """,
        """
        полиц*|милици*|участков(?:ый|ого|ому|ым)|мвд|гибдд|гаи|фссп|фсб|фсин|фнс|росреестр*|росфинмонитор*|егрн|егрюл|егрип|егр зап*|ук рф|коап|уфмс|розыск*|дознан*|следстви*|следовател*|прокур*|допрос*|допраш*|обыск*|судимост*|понят(?:ой|ым)|силовик*
        задержан[аоы]*|задержани*|задержива* (?:ли )?(?:вас|ва[сш]|полиц|сотрудник)*|под стражей|сизо|ивс|под следстви*|под арест*|подписк* о невыезде
        уч[е]т* (?:\\w+ ){0,2}?(?:мвд|полиц|пдн|кдн|милиц|нарко|псих|инспекц|полиции|дисп)*|приводы|привод(?:ов|а|ы)? в полиц*|пдн
        суд|суда|суде|судом|суду|суды|судах|судов|судим*|судебн*|подсудим*|суди(?:лс|лис|тьс|тес|мся)*|засудил*|иск[иа]?\\b ~ суд*|исков* заявлен*
        штраф*|оштраф*|уголовн*|правонаруш*|преступ*|криминал*|арест*|тюрьм*|тюрем*|осужд*|заключенн*|колони[яюией]\\b|отбыва* (?:наказ|срок)*|условн* (?:срок|осужд|наказан)*|стать[еияю]* (?:\\w+ )?(?:ук|коап|кодекс)|хулиган*|амнисти*
        административн* (?:ответств|правонаруш|арест|наказ|протокол|дел)*|привлека* ~ ответствен*|привлека* (?:ли )?(?:вас|вы)*|лишени* (?:прав|свободы)
        пристав(?:ы|а|ов|ам|ами|у|ом)?|исполнительн* (?:производств|лист)*|взыскани*|взыскат*
        """,
        r"(?:реестр|список|база|списк|базе|базы|базу|картотек|перечень|перечн)\w* (?:\w+ ){0,3}?(?:должник|неплательщик|правонарушител|долг|алимент|злостн|граждан|населен|жител|преступ|недвижим|осужд|мвд|фссп|штраф|данных мвд)\w*",
        """
        кредитн* (?:истори|рейтинг|бюро|скоринг|балл|отчет|оценк|потенциал)*|бки|бюро кредит*|банкрот*|скоринг*|черн* спис*
        (?:налог|фискальн)* (?:\\w+ )?(?:задолж|долг|недоимк|декларац|истори|инспекц|служб|учет|орган)*|(?:долг|задолж|недоимк|должны|должен)* (?:\\w+ ){0,3}?(?:налог|бюджет|фнс|фссп|пристав)*|недоимк*|налогов(?:ая|ой|ую)|уклонени* от (?:налог|уплат|алимент|служб)*|справк* ~ (?:ндфл|судим|бюро|налог|полиц)*
        (?:выписк|справк|отчет|списо?к|движени|запрос|сведени|данн|проверк)* (?:\\w+ ){0,3}?(?:банк|счет|счета|счету|счетам|карт[еуы]|долгов|егрн|бюро|росреестр|налог|пфр|сфр|работодател|кредит|фссп|мвд|приставов|задолженност|реестр)*
        (?:свер|провер|запрос|сопостав|обмен)* ~ (?:база|баз[аеуы]|реестр|мвд|банк|налогов|фссп|росреестр)*|кадастр*|росреестр*|реестр* (?:населени|недвижимост|граждан|должник)*
        (?:служ|служили|годен|военн)* (?:\\w+ )?(?:учет|повестк|призыв)*|военкомат*|повестк[аиу]|уклонист*|дезертир*
        shtraf*|polic[iy]ya|politsi*|sudimost*|fssp|gibdd|mvd|pristav*|egrn|bankrot*|ugolovn*
        """,
        r"""
        (?:spent|spend|kept|held|locked|night|nights|days) (?:\w+ ){0,4}?(?:a |the |police )cells?|locked up|behind bars|tickets? for (?:\w+ )?(?:speeding|parking|drink)*|speeding|(?:points|endorsements?) on your (?:driving )?licen[cs]e|deport*|extradit*|remand*|judge?ments? against|county court*|ccjs?
        tax (?:declar|fil|form|statement|inspection|history|status|return)*|(?:problems?|trouble|troubles|conflict|brush|brushes|run ins?|issues?) with the (?:law|police|authorities)|known to (?:the )?(?:police|authorities|courts?)|ex ?convicts?|ex ?offenders?|crim(?:inal)? rec*|rehabilitated offender|bail(?:ed)?|on bail|drink driving|drunk driving|drug dealing|shoplift*|stolen|theft conviction*
        (?:(?:may|can|could|will|shall|let) (?:we|us|the programme)|allow us to|agree that we|agree to us)(?: \w+){0,6}? (?:bank|employer|tax office|tax authority|police|credit|insurer|pension fund|revenue|land registry|immigration)(?: records?| data| about| with| to)?
        (?:debt|debts|loan|loans|arrears|court|tax|fine|fines) (?:registry|match|enforcement|judg|collection order|case)*|credit reference*|credit ?(?:rating|rank|status|report)*|unpaid (?:\w+ )?(?:fines?|penalt\w+|tickets?)|(?:n|num|number of|total) fines?|offences? (?:count|number|total)
        (?:проблем|неприятност|конфликт|нелад|нарушал|нарушени)* (?:\w+ ){0,3}?(?:с )?закон(?:ом|а|ы)?|не в ладах с законом|(?:привози|доставл|забира|забрал|увози|попада|увез)* (?:\w+ ){0,4}?в (?:отделение|участок|опорный|обезьянник|вытрезвител|полици)*|за решеткой|в камере|отсидел*|сидел* (?:\w+ )?(?:в|за|срок)*|был* (?:\w+ )?под судом|депорт*|выдвор*|пьян* за рул*|превышени* скорост*
        (?:разрешите|можем ли мы|можно ли|согласны ли|разрешаете|даете согласие) (?:\w+ ){0,6}?(?:банк|работодат|налог|полиц|мвд|бюро|фнс|фонд)*|(?:запросить|запрашива|проверить|уточнить|сверить) (?:\w+ ){0,5}?(?:банк|работодат|налог|полиц|мвд|бюро|фнс|егрн|реестр|баз)*|по данным (?:\w+ )?(?:банк|фссп|мвд|налог|реестр|бюро|пристав|полиц|фнс|гибдд)*
        (?:база|базе|базы|базу|баз) (?:\w+ )?(?:данных )?(?:мвд|фссп|фнс|розыск|полиц|налог|должник|пристав)*|кредит* (?:истор|рейтинг|скор)*|налогов* (?:долг|задолж|истор)*|нарком*|наркоучет*|судебн*
        """,
        r"""
        warrants?|протокол(?:ов|ы|а)? (?:на вас|полиц|об администр|задерж)*|протокол* на вас|(?:лишал|лишен|отобра|забра)* (?:\w+ ){0,3}?(?:прав|водительск)*|licen[cs]e (?:\w+ ){0,2}?(?:revoked|suspended|taken|withdrawn|points)|in trouble with|sentence(?:d)?|(?:serv|did)(?:e|ed|ing)? time|приговор*|статья ук|оперативн* уч*
        """,
    ),
    names=phrases(
        "=fine|court|courts|debt register|суды|фссп|мвд|register|registry|database|crime|crimes|реестр|привод|приводы|суд|долги банк выписка|offence|judgment|judgement|ccj",
        "долги (?:фссп|пристав*)|dolgi (?:fssp|pristav*)|bailiff*|fssp*|police*|payment discipline|debtor (?:flag|status|list)|employer (?:check|verif|report)*",
        "salary (?:register|records?)|population (?:register|id)|benefit fraud|prior convict*|offen[cs]e*",
    ),
    stems=letters(
        "criminal|convict|police|bailiff|backgroundch|finesun|creditrat|taxdebt|creditscore|credithist|policerec|судимост|полицейск|debtorreg|кредитнаяист|фссп|гибдд|bankstatement|исполнительноепроизв"
    ),
    innocent=phrases(
        r"(?:tennis|basketball|sports|food|squash) courts?|courts? ?yards?|(?:in|during|my) (?:\w+ )?probation(?:ary)? (?:period|time) at work|probation(?:ary)? period|cardiac arrest",
        r"council tax(?:es)?(?: bills?| arrears| debts?)?|(?:victim|victims) of (?:\w+ ){0,3}?(?:crimes?|violence|fraud|theft|offen[cs]e)|(?:crime|crimes) (?:or|and|in|is|violence)|crime (?:\w+ )?(?:in|near|around)",
        r"(?:feel|felt|feeling|are|is|am|be|was) fine|fine (?:dust|sand|layer|weather|motor|print|with|on most|and)|it s fine|a fine (?:day|layer)|bank (?:holiday|account|branch)|food bank*|birth register|school (?:register|record)s?",
        r"public transport|income after tax|before tax|after tax|tax free|registered (?:unemployed|as unemployed|with a (?:doctor|gp))|employer (?:paid|pays|late|owes)*|salary delay*",
        "участков* (?:врач|терапевт|педиатр|больниц|медсест|поликлиник)*|судов(?:ая|ой|ые) крупа|посуд*|сердечн* приступ*|приступ*|колони[яюи] (?:пчел|муравь)*",
        "жертв* (?:\\w+ )?(?:преступ|краж|насили|мошенни)*|счет* за (?:\\w+ )?(?:свет|газ|вод|тепл|электр|коммун|телефон)*|отключ* ~ долг*|списк* покуп*|карточк* (?:учета|на продукты)",
        "банкомат*|банк[аеиу] (?:с|варень|консерв)*|в банке|судь[бя]*|судить о*|судя по|карт[аеуы] (?:скидок|на проезд)|на карту (?:пенси|пособ)*|(?:налог|сбор)* с продаж",
        r"""
        (?:может|можете) ли (?:вы )?(?:\w+ )?банк|behind bars of|stolen (?:from you|by)|(?:have|has|had|did|was|were) (?:\w+ ){0,4}?stolen (?:from|recently)|сидел* (?:дома|без|с (?:ребенк|деть|больн|мам))*
        """,
    ),
    excused=phrases(
        r"police station[s]?|(?:enough|call\w*|phone\w*|far|near\w*|distance) (?:\w+ ){0,3}?police\w*|police (?:\w+ ){0,3}?(?:help\w*|near\w*|protect\w*|respond\w*|post|posts|patrols?|in your (?:area|neighbou?rhood))",
        r"court (?:\w+ ){0,4}?(?:evict\w*|leave|move out|home)|evict\w*(?: \w+){0,4}? (?:bailiffs?|courts?|court order|police)|(?:leaving|left|released from|release from|after|out of) (?:prison|jail|detention)|bailiffs? (?:\w+ )?(?:evict\w*|taken? your (?:home|belongings))",
        "(?:отделени|участ[ок]|пункт)* полици*|(?:вызыва|вызва|звони|звонит)* (?:ли )?(?:вы )?(?:в )?полици*|(?:далеко|близко|помог)* (?:\\w+ ){0,3}?полици*|(?:высел|выгнал)* ~ (?:суд|пристав)*|(?:суд|пристав)* ~ высел*|после (?:тюрьмы|колонии|заключения)|(?:вышли|освобод)* из (?:тюрьмы|колонии|заключения)",
        "криминальн* (?:\\w+ )?(?:район|обстановк)*|(?:район|двор)* ~ (?:криминал|преступн)*|преступност*",
    ),
    doubt=phrases(
        r"polic*|court|courts|bailiffs?|prison|jail|evicted by|debt collectors?|collection agenc*|repossess*|judge|lawyers?|legal aid|databases?|registers?|registry|military service|conscript*|army|veterans?|draft(?:ed)?|mobili[sz]*|tax(?:es)?|crimes?|employer records?|alimony|custody|weapons?|guns?|firearms?",
        "полици*|судом?|суда|пристав*|тюрьм*|колони*|коллектор*|мобилиз*|призыв*|ветеран*|войн[аы] ветеран*|арми[яюией]|база данных|реестр*|налог(?:и|ов|ам)?|преступност*|криминальн*|юрист*|адвокат*|взыскани* алимент*|оружи*|выселени* по суду",
    ),
)

SANCTION = Rule(
    "boundary.sanction",
    "a sanction, a suspicion or a blacklist",
    "The only outcomes are support, or not this round: nothing here expresses a penalty or a suspicion.",
    everywhere=phrases(
        r"""
        penal(?:ty|ties|i[sz]e*|ise|ize|ised|ized)|sanction*|punish*|(?:black|watch|grey|gray|stop|red|deny|ban) ?list*|black ?listed|deterren*|retaliat*|reprimand*|demerit*
        fraud*|cheat(?:s|er|ers|ing|ed)?|suspicio(?:n|ns|us|usness)|suspect(?:s|ed|ing)?|dishonest*|deceiv*|decept*|deceit*|swindl*|scam risk|falsif*|false (?:claim|statement|declar|answer|inform)*|misreport*|mislead*|misrepresent*|misconduct*|wrongdo*|non ?complian*|complian* (?:score|flag|check|history|level|risk)*
        (?:is|are|be|was|were|he|she|applicant|respondent|they|caught|probably|likely to be|person) lying|lied|liars?|lie (?:score|detect|index|flag)*|lies (?:about|in)*|tell* the truth|polygraph*|truthful*|credib*
        risk (?:of |for )(?:\w+ )?(?:fraud|abuse|cheat|misuse|lying|default|offend)*|(?:fraud|abuse|cheat|misuse|integrity|anomaly|suspicion|conduct|offender|recidiv|misbehav)* (?:risk|score|flag|level|indicator|alert|rating|probab|model)*
        red flag*|flag(?:ged|s)? (?:as|for|the) (?:\w+ )?(?:applicant|person|household|review|suspic|fraud|risk|case)*|(?:applicant|person|household|case|respondent) flag*|strikes? points*|points? deduct*|deduct* points?|warning (?:points?|letters?|level)|strike points?|penalty points?
        (?:reduce|cut|stop|suspend|withdraw|revoke|deny|withhold|cancel|terminate|block|freeze)(?:s|d|ed|ing)? (?:the |all |their |his |her |other |future |any ){0,2}(?:benefits?|payments?|support|help|aid|services?|rights?|access|pension|allowances?) (?:\w+ )?(?:because|for|due|if|until|after|as)*
        (?:because of|for|due to|after) (?:\w+ )?misconduct|disqualif*|exclu(?:de|ded|sion) (?:the )?(?:\w+ )?(?:from|applicant|household)*|ban(?:ned)? (?:\w+ )?from|barred from|debar*|forfeit*|restrict* (?:\w+ )?(?:rights?|travel|movement|access to)*|travel ban*|repay* (?:as|with) (?:a )?penalty|recoup*|clawback|overpayment* recover*|no fly
        """,
        """
        санкци*|наказ(?!ы)*|наказан*|штрафн* балл*|(?:черн|сер|красн)* спис*|стоп ?лист*|стоплист*|подозр*|подозрева*|мошенни*|обманщик*|обманщик*|вр[е]т|врете|врут|врунь*|вранье|лже(?:т|ц)*|лгать|лжив*|солга*|лгун*|недостоверн*|ложн* (?:сведен|данн|показан|информ)*
        фальсиф*|детектор лжи|полиграф*|злоупотребл*|недобросовест*|нечестн*|нарушител*|нарушени* (?:правил|дисциплин|режим|порядк|услови)*|утаива*|сокрыти*|сокрыл*
        лишить* (?:\\w+ ){0,3}?(?:пособ|помощ|выплат|льгот|прав|услуг)*|лишать*|лишени* (?:пособ|помощ|выплат|льгот|родительск|прав)*|отказать (?:\\w+ )?(?:в|во) (?:\\w+ )?(?:друг|услуг|прав|пособ|помощ)*|запрет* (?:на|въезд|выезд)|ограничи(?:ть|ва)* (?:\\w+ )?(?:прав|доступ|выезд)*|ограничени* (?:прав|выезд)*
        выговор*|взысканиe|дисциплинарн*|(?:понизить|снизить|урезать|приостановить|прекратить|заблокировать|отменить|отозвать) (?:\\w+ ){0,2}?(?:балл|выплат|помощ|пособи|рейтинг|поддержк|льгот)*|(?:минус|вычесть|снять) балл*|порицани*|кар[аы] за
        риск* (?:\\w+ )?(?:мошенн|обман|злоупотр|нарушен|неблагонад)*|(?:балл|индекс|уровень|флаг|признак|метк)* (?:\\w+ )?(?:подозр|обман|мошенн|риска нарушен|нарушен|вранья|лжи)*|неявк* ~ (?:санкц|наказ|штраф)*|исключить из (?:списк|програм)*
        shtrafn* ball*|podozr*|moshenn*|chern* spis*
        """,
        r"""
        (?:mark|flag|label|tag|classify|list|record|report|treat|register) (?:\w+ ){0,3}?(?:person|applicant|household|family|him|her|them|case|claimant|client)s? (?:\w+ )?as|unreliabl*|fail(?:s|ed|ure)? to (?:comply|report|attend|cooperate|co operate|disclose|declare)|compl(?:y|ied|ies|iance) with (?:\w+ )?(?:conditions?|rules|obligations?|requirements?)*|breach*|violat(?:e|es|ed|ing|ion|ions|or|ors) (?:\w+ )?(?:rules?|conditions?|terms)*|non ?cooperat*
        untrue|untruth*|implausibl*|(?:refer|report|pass|forward|hand)(?:s|red|ed)? (?:\w+ ){0,5}?to (?:the )?(?:fraud|prosecut|enforcement|investigat|immigration|police)*|stop all (?:payments?|help|support|aid)|(?:unannounced|surprise|spot) (?:visit|check|inspection)*|tell(?:s|ing)? lies|making (?:it|things) up|conceals?|conceal(?:ed|ing|ment)|hid(?:es|ing|den)? (?:\w+ )?(?:income|assets|earnings|work)
        (?:cheat|abus|fraud|liar|lying|scam)* (?:before|previously|history|probab|likel|score|risk|suspect)*|as (?:a )?(?:punishment|sanction|penalty)|(?:ban|block|bar|suspend|exclude|remove|strike off) (?:the |this )?(?:applicant|household|person|family|client|claimant|user)*
        (?:обманыва|обманул|врал|врет|солгал|лукав|хитр|притвор)* (?:\w+ )?(?:заявител|семь|клиент|получател)*|(?:заявител|семь|клиент|получател)* (?:\w+ ){0,2}?(?:обманыва|обманул|врал|солгал|лукав|хитр|притвор|скрыл)*|неправд*|симулир*|симулянт*|(?:пометить|отметить|признать|внести|занести|зачислить) (?:\w+ ){0,3}?(?:как|неблаг|ненад|подозр|злостн|в (?:черн|стоп|серый|список наруш))*
        внепланов* проверк*|не выполнил* (?:услови|требован|обязат)*|невыполнени* услови*|сообщить в (?:полици|прокурат|опек|органы)*|передать (?:дело|сведен|данн)* (?:\w+ )?в (?:полици|прокурат|органы|суд|фссп)*|уличен*|изоблич*|неблагонадежн*|ненадежн*|злостн*|нарушал* (?:правил|услови|режим|порядок)*
        """,
        r"""
        struck off|strike (?:off|for)|(?:one|two|three|first|second|third|final|a|last) (?:strike|warning)s?(?! (?:of|system))|for lying|lie on (?:the|a|their|your) form|who lies?|missed (?:visit|appointment)s? (?:penalt|point|strike)*|fraudster*|отключить (?:\w+ ){0,3}?(?:заявител|семь|услуг|помощ|пособ)*|обман*
        """,
    ),
    names=phrases(
        "=risk score|risk flag|flag|flagged|violation|violations|violator|abuse|ban|banned|trust flag|warning|warnings|strikes|demerits|truthful|lie|нарушения|флаг|overpayment|compliance|integrity",
        "violations?|penalt*",
    ),
    stems=letters(
        "fraud|sanction|penalt|blacklist|watchlist|penaltypoint|suspicion|мошеннич|черныйспис|подозрит|подозрени"
    ),
    innocent=phrases(
        r"(?:victim|victims) of (?:\w+ ){0,3}?(?:fraud|scams?|cheat\w*|crimes?)|(?:been|were you|was) (?:cheated|defrauded|scammed|deceived|lied to)|cheat on (?:your|a)|lying (?:down|in|on|awake)|excluded from (?:school|social|friends|activities)",
        r"feel excluded|social exclusion|exclusion from school|suspected (?:illness|disease|covid|gas leak|asbestos)|early repayment penalty|restricted (?:diet|mobility)|sanctions? (?:against|on) (?:the )?(?:country|russia|imports)|benefit sanction",
        "жертв* (?:\\w+ )?мошенн*|(?:вас|вам) обман*|обман* (?:вас|работодател)*|наказ избирател*|обманут*",
        r"""
        обман* (?:\w+ )?(?:покупател|при покупк|в магазин|арендодат)*|обманут* дольщик*
        """,
    ),
    doubt=phrases(
        r"(?:benefit|payment|support|allowance|pension|aid)s? (?:was |were |been |ever been )*(?:cut|stopped|suspended|withdrawn|reduced|refused|sanctioned|cancelled)|benefit sanction*|cheated|scam*|defraud*|victim of fraud|excluded from",
        "лишил* (?:\\w+ ){0,2}?(?:пособ|помощ|выплат|льгот)*|отказал* в (?:пособ|помощ|выплат)*|обманут*|жертв* мошенн*|мошенник*",
    ),
)

_OTHERS = r"(?:neighbou?rs?|colleagues?|villagers?|teachers?|co ?workers?|landlords?|relatives|community|others|people|elders|residents|local people)"
_TELL = r"(?:say|says|said|report|reports|reported|think of|thinks of|think about|tell us about|told us|claim|claims|opinion of|vouch\w*|gossip\w*)"

INFORMER = Rule(
    "boundary.informer",
    "what others say about a person",
    "Answers come from the person: nobody is asked about anybody else, and informers have no field here.",
    everywhere=phrases(
        rf"{_OTHERS}(?: \w+)? {_TELL} (?:\w+ )?(?:about|of|that|this|the|applicant|him|her|you)|(?:opinion|views?|testimony|reports?|statements?|tips?|complaints?|evidence|reference|interviews?) (?:\w+ )?(?:of|from|by|with) (?:\w+ )?(?:your |the |his |her |their |applicant s )?{_OTHERS}",
        rf"(?:what|how) (?:do|does|did|would) (?:\w+ )?(?:{_OTHERS}) (?:\w+ )?(?:{_TELL}|say|describe|rate|think|judge|call|see)",
        r"(?:neighbou?r|community|landlord|employer|teacher|village elder)s? (?:report\w*|opinion|tips?|complaint\w*|testimony|statement\w*|interview|feedback|reference|rating|vote|verif\w*)",
        r"report(?:s|ed|ing)? (?:\w+ )?(?:a |an |any |your |other )?(?:neighbou?rs?|someone|anyone|somebody|anybody|fellow|cheat\w*|households? (?:that|who)|people who|persons? who|residents? who|applicants? who|fraud)|inform(?:ed|ing)? on",
        r"informants?|informers?|whistle ?blow\w*|tip ?offs?|tip line|(?:anonymous|confidential) (?:tips?|report\w*|letters?|complaints?|informa\w*|source)|denounc\w*|denunciation\w*|snitch\w*|hearsay|rumou?rs?|gossip\w*|third party (?:report|testimony|information)\w*",
        r"(?:know|name|list|heard of|aware of|suggest) (?:\w+ ){0,3}?(?:anyone|anybody|someone|somebody|people|neighbou?rs?|households?|families|person|who) (?:\w+ ){0,5}?(?:cheat\w*|hid\w*|lies|lied|lying|without need\w*|illegal\w*|undeserv\w*|false\w*|not need\w*|dishonest\w*|does ?n t need|do not need|secret\w*|wrongly|conceal\w*|who receives?|who gets?)",
        r"(?:hid(?:e|es|ing|den)|conceal\w*) (?:\w+ )?(?:income|earnings|work|wealth|job)|(?:caseworker|interviewer|officer|enumerator|staff)(?: s)? (?:impression|opinion|judgement|judgment|rating|suspicion|feeling|assessment of (?:honesty|character))\w*|impression of (?:\w+ )?(?:applicant|respondent|person)",
        """
        донос*|донес(?:т|л)*|осведомител*|информатор*|информант*|стукач*|анонимк*|анонимн* (?:сообщ|жалоб|сигнал|письм|звон|источник)*|сплетн*|слух(?:и|ов|ам)|кляуз*|ябед*|горяч* лини* жалоб*
        сосед* (?:\\w+ ){0,3}?(?:говор|сообщ|жалу|отзыва|рассказ|характериз|дума|мнени|отзыв|показан|счита)*|(?:сообщ|жалоб|отзыв|слов|мнени|показани|опрос|характеристик|сигнал|свидетельств)* (?:\\w+ ){0,3}?сосед*
        (?:скрыва|утаива|прячущ|скрыл)* (?:\\w+ )?(?:доход|заработ|имуществ)*|кто ~ (?:незаконно|обманом|без нужды|не нуждаясь|неправомерно|нечестно|зря)|кто (?:\\w+ ){0,3}?не нуждается
        (?:сообщите|расскажите|назовите|укажите|знаете) (?:\\w+ ){0,3}?(?:соседях|о тех кто|о людях|кто обман|кто скрыва|кто получает помощь|нарушител)*|характеристик* (?:с|от|заявител|участков|сосед)*
        (?:что|как) ~ (?:о заявител|о человек|о нем|о ней|о вас) (?:\\w+ )?(?:говор|дума|отзыв|счита)*|(?:говор|дума|отзыва)* ~ о (?:заявител|вас|нем|ней)*|впечатлени* (?:\\w+ )?(?:сотрудник|о заявител|интервьюер|от заявител)*|мнени* (?:\\w+ )?(?:сотрудник|соседей|коллег|участков)*
        """,
        r"""
        (?:tell|tells|told|say|says|said|inform\w*|hear|heard|suggest\w*|claim\w*) (?:you |us |me )?(?:that|whether|if|about) (?:this|the|that|a|another) (?:\w+ )?(?:family|household|applicant|person|neighbou?r|claimant|man|woman)s?|which of your (?:neighbou?rs|friends|relatives|colleagues|acquaintances)|who (?:among|of|in|on) your (?:\w+ )?(?:neighbou?rs|building|street|village|community|colleagues)
        better off than (?:they|he|she)|(?:ask|interview|question|consult|talk to|check with|confirm with|verify with) (?:the |a |your |his |her |their |other ){0,2}(?:neighbou?rs?|village (?:head|chief|elders?)|elders?|landlord|teachers?|colleagues|community|priest|relatives) (?:\w+ )?(?:whether|about|if|who|what|to confirm|that)|(?:anyone|anybody|someone|somebody) (?:on|in) your (?:street|building|village|community) (?:who|that)
        (?:do|does|should) (?:you think )?(?:your )?neighbou?rs? (?:\w+ )?(?:need|deserve|lie|cheat|earn|receive|get|work)*|(?:village|community) (?:gossip|opinion|vote|denunciat|informant|ranking)*|proxy report*
        кто из (?:\w+ )?(?:соседей|знакомых|односельчан|коллег|жильцов|родственников)|лучше чем (?:говор|показ|кажет|заявл)*|жалоб* (?:\w+ ){0,3}?(?:на (?:семью|заявител|него|нее|вас))*|со слов (?:сосед|знаком|родствен|коллег)*|(?:опросить|спросить|расспросить|поговорить с) (?:\w+ )?(?:сосед|родствен|коллег|старост|участков)*|говорили ли вам (?:\w+ ){0,3}?(?:семья|сосед|кто то)*
        """,
        r"""
        (?:would|do|does|will|did) (?:your |the |his |her )?(?:neighbou?rs?|colleagues|villagers|others|people|friends) (?:\w+ )?(?:agree|confirm|say|think|describe|vouch|consider|call|regard|believe)|(?:other|another) (?:families|households?|famil\w+|persons?|applicants?|people) (?:who|that) (?:\w+ )?(?:lie|cheat|hide|conceal|pretend|abuse|should not|do not|don t)*|tell us about (?:other|another|your neighbou?r)*
        (?:что|как) (?:\w+ ){0,3}?(?:скаж|говор|дума|отзов|отзыва|счита)* (?:\w+ )?(?:сосед|односельч|коллег|знаком|люди|окружающ|родственник|жильц)*|(?:сосед|односельч|коллег|знаком|окружающ|жильц)* (?:\w+ ){0,2}?(?:скаж|подтверд|считают|скажут|отзов)*|кто ~ обман*|получа* ~ обман*
        """,
    ),
    names=phrases(
        "=tip|tips|informant*|жалобы|hearsay|жалоба|донос|сигнал|reported by|referee|impression|observer rating",
        "neighbou?r (?:report|opinion|tip|complaint|rating|statement)*|жалоб* сосед*",
    ),
    stems=letters("informant|informer|осведомит|anonymoustip|доносчик"),
    innocent=phrases(
        "neighbou?rs? (?:help|lend|make noise|noise)*|noise from*|шум* сосед*|сосед* шум*|слух[и]? (?:аппарат|ухудш)*|слухов*|report (?:a )?(?:leak|fault|damage|problem)*|hidden (?:hunger|damp)|помог* сосед*",
        r"""
        какие жалобы|жалоб* на (?:здоровье|жилье|холод|помощь|решение|программ|шум)*|neighbou?rs? (?:\w+ )?(?:lend|help|look after|watch)*|кто из (?:\w+ )?(?:соседей|знакомых|родственников|коллег) (?:\w+ ){0,3}?(?:помо|может помочь|поддерж|одолж)*|(?:which|who) (?:of|among) your (?:neighbou?rs|friends|relatives) (?:\w+ ){0,3}?(?:help|lend|support|could)*
        """,
    ),
    doubt=phrases("neighbou?rs? complain*|complaints?|жалоб*|references?|referees?"),
)

HEALTH = Rule(
    "boundary.health",
    "health or disability",
    "Health is a protected matter: asking needs a recorded reason.",
    doubt=phrases(
        r"""
        disabilit*|disabled*|handicap*|impair(?:ment|ed)*|wheelchair*|diagnos*|chronic* (?:\w+ )?(?:ill|disease|condition|pain|sick)*|(?:long ?(?:term|standing)) (?:\w+ )?(?:ill|disease|condition|sick)*|terminal* ill*
        hiv|aids|tubercul*|tb|cancer|diabet*|epilep*|hepatit*|dementia|autis*|stroke patient|asthma|covid|mental* (?:health|ill|disorder|condition|problem)*|psychiatr*|psycholog*|psychosis|schizo*|depress*|anxiety|suicid*|self ?harm*
        addict*|alcohol*|drink* problem*|drug (?:use|abuse|addict|user|habit)*|narcotic*|substance (?:use|abuse)*|smok*|pregnan*|miscarriage*|breast ?feed*|genetic*|medical (?:history|record|condition|file|certificate)*|health (?:record|condition|status|history|data)*|sexually transmitted*|blood (?:type|group|test)*|vaccin*|limited by (?:\w+ )?health
        инвалид*|нетрудоспособ*|диагноз*|хроническ*|вич|спид|туберкул*|онколог*|рак|рака|диабет*|эпилепс*|гепатит*|деменц*|аутизм*|психи*|психолог*|депресс*|тревожн* расстр*|суицид*|самоуби*
        наркот*|наркоман*|алкогол*|спиртн*|выпива(?:е|ю)*|курит*|курени*|зависимост*|беременн*|заболеван*|медицинск* (?:карт|истори|документ|справк|учет)*|истори* болезни|состояни* здоровья|группа здоровья|овз|дцп|кормящ*|прививк*|вакцин*|групп* крови
        invalidnost*|diagnoz*|beremenn*
        """,
    ),
    doubt_names=phrases("=health|mental|illness|здоровье|болезнь|болезни|disease|diseases"),
    innocent=phrases(
        "(?:disabled|disability) (?:access|toilet)|depressed area|smok* (?:stove|chimney)*|independent*|health insurance|health (?:cent(?:re|er)|clinic|visit)*|smoked (?:fish|meat)|smoke from",
        "независимост*|в зависимости|алкогольн* нет",
    ),
)
