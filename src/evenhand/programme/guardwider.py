# ruff: noqa: E501 - word lists: a line is one family of words, and cutting it would hide that
"""What the rules' own lists leave to systematic combination: families of words crossed with each other.

A name of a column is short and made of parts: a document and a number, a date and a birth, a rating and whom it is of.
Each family stands once here, with its abbreviations, in English and in Russian; Russian in Latin letters is read as
Russian (`guardtext`), so a family of Russian stems covers `nomer_prav` as well as `номер прав`.
"""

from evenhand.programme.guardpattern import Rule, phrases

_COUNT = r"(?:num|nr|nbr|numbers?|ids?|codes?|serial|series|digits|last ?4|last ?four|ref|reference|hash)"
_NUM = (
    r"(?:no|num|nr|nbr|numbers?|ids?|codes?|serial|series|digits|last ?4|last ?four|ref|refs|reference|hash|key)"
)
_NUM_RU = r"(?:ном|номер\w*|нумер\w*|no|nr|серия|серии|сер|код|коды|ид|ident\w*|идент\w*|цифр\w*|реквизит\w*)"

_HELD = (
    r"(?:patient|pupil|student|employee|worker|personnel|payroll|pension|pensioner|retirement|refugee|asylum|visa"
    r"|migration|migrant|residence|permit|licen[cs]e|driver|drivers|driving|dl|card|account|acct|wallet|iban|bic"
    r"|hospital|medical|chart|dossier|policy|soc ?sec|social ?security|tax|badge|voter|military|library|vehicle"
    r"|plate|chassis|telegram|skype|viber|whatsapp|facebook|vk|instagram|twitter|tiktok|esia|gosuslugi"
    r"|subscriber|citizen|resident|ration ?card|health ?card|identity|passport|document|doc|certificate|cert)s?"
)
_HELD_RU = (
    r"(?:пасп\w*|полис\w*|тел|телеф\w*|моб|мобил\w*|счет\w*|щет\w*|карт[аыуе]?|карточк\w*|договор\w*|удост\w*|свид\w*"
    r"|прав|права|ву|билет\w*|виз[аы]|патент\w*|внж|рвп|страх\w*|пенс\w*|медкарт\w*|дома|кварт\w*"
    r"|авто|автом\w*|машин\w*|зачет\w*|пропуск\w*|пациент\w*|ученик\w*|студ\w*|сотрудник\w*"
    r"|снилс|инн|омс|докум\w*|док|лс|расч\w*|лиц)"
)
_PEOPLE = r"(?:applicant|respondent|person|client|citizen|resident|recipient|claimant|beneficiary|head|mother|father|spouse|husband|wife|child|parent|guardian|member|tenant|owner|hh)s?"

WIDER_IDENTITY = Rule(
    "boundary.identity",
    "",
    "",
    everywhere=phrases(
        r"""
        on (?:what|which) (?:day|date|day and month) (?:were|was) (?:you|he|she|they) born|what day is your birthday|your (?:exact )?(?:birthday|birth ?date)
        (?:press|place|put|lay) (?:\w+ ){0,2}?(?:finger|fingers|thumb|palm|hand) ~ (?:scanner|reader|sensor|screen|pad)|thumb ?(?:print|scan|mark)*
        (?:voice|speech|handwriting|saliva|blood|hair) (?:sample|print|recording|record|template)s?|record(?:ing)? (?:of )?your voice
        (?:образ|запис)* (?:\w+ )?(?:голоса|почерка|слюны|крови)|голос* (?:образ|запис|отпечат)*|(?:приложите|поднесите) (?:\w+ )?(?:палец|ладонь|лицо)
        name of (?:the |your |his |her )?(?:\w+ )?(?:employer|company|firm|workplace|organi[sz]ation where|landlord|boss)|who is your (?:employer|boss|landlord|doctor)|employer (?:name|s name|details|address)
        (?:название|наименование|имя) (?:\w+ )?(?:места работы|организации|работодател|компании|предприят|фирмы|арендодател)*|кто ваш (?:работодатель|начальник|врач)|у кого ~ работаете
        (?:как|каким образом) (?:к вам|вас) (?:можно )?(?:обращаться|называть|найти|разыскать)|девичь* фамили*
        (?:which|what) (?:phone|telephone|mobile|email|e mail|account|card) (?:number|address)?(?: \w+){0,3}? (?:your|reach|contact|call)*
        (?:ссылк|адрес)* (?:\w+ ){0,2}?(?:страниц|профил|аккаунт)*|(?:link|address|url) (?:to|of) your (?:\w+ )?(?:page|profile|account)|your (?:\w+ )?(?:handle|nickname|user ?name|login)
        ваш* (?:\w+ )?(?:ник|никнейм|логин|аккаунт|профиль)|(?:ник|никнейм|логин|аккаунт|профиль) (?:\w+ ){0,2}?(?:телеграм|вконтакте|вк|госуслуг|соцсет|инстаграм|ватсап|одноклассник)*
        """,
        r"""
        (?:number|code|digits) (?:\w+ ){0,2}?(?:printed |shown |written )?(?:on|from|of) (?:your|the|his|her) (?:\w+ )?(?:card|documents?|papers|booklet|certificate|licence|license|passport)|when you were born|(?:day|date) month (?:and )?year|(?:sign|signing|signed) ~ thumb|thumb (?:image|img|photo|sign)*|(?:m ?pesa|paypal|venmo|mobile money|bkash|gcash|momo) ?(?:no|num|number|name|account|id)|(?:число|день) месяц (?:и )?год|(?:свое|ваше|его|ее)* рождения|в (?:какой|которой) (?:организации|фирме|компании) ~ (?:работа|служ)*|(?:эмигр|иммигр|мигр)* (?:удост|докум)*
        """,
    ),
    names=phrases(
        rf"{_HELD} {_NUM}|{_COUNT} (?:of )?{_HELD}",
        rf"{_HELD_RU} {_NUM_RU}|{_NUM_RU} {_HELD_RU}",
        r"""
        водит* (?:прав|удост|вод|ву)*|права водит*|(?:пенс|воен|инвалид|служ|студ|соц)* (?:удост|билет|свид|карт)*|свид* (?:о )?(?:рожд|брак|смерт|развод|регистр)*
        (?:birth|marriage|death|divorce|pension|baptism*) (?:cert|certificate)s?|(?:refugee|residence|migration|pension|veteran*|social) card
        (?:расч|рас|лиц|лицев|банк|банков)* (?:счет|щет|карт)*|мигр* карт*|банк* реквиз*
        (?:date|day|month|dt|d) ?(?:of )?birth|birth ?(?:date|day|month|dt|d)|date born|born (?:on|date|day)|(?:дат|д|день|мес|месяц|число)* рожд*|др заявит*
        (?:тел|телефон|моб|phone|tel|mobile|cell) (?:моб|дом|раб|сот|конт|lichny|личн|mob|dom|rab|home|personal|contact|main|primary|second|alt|\d)*|(?:моб|сот|дом|раб|конт|лич)* (?:тел|телеф)*
        (?:им|имя|имен|фам|фамил|отч|отчеств|фио|ф и о)* (?:заявит|респонд|глав|ребен|реб|матер|отц|супр|мужа|жены|получат|клиент|опекун|член)*
        (?:foto|photo|фото|фотогр|снимок|скан|scan|selfie|селфи)* (?:лиц|паспорт|пасп|докум|заявит|респонд|удост|face|id|doc|passport|person|applicant)*
        =фотография|фотографии|отпечатки|отпечаток|голос|портрет|portrait|mugshot|биометрия|дактилоскопия|энп|бик|enp|bik|bic|mrn|skype|скайп|nickname|никнейм|ник|логин|login|аккаунт|dactyl
        """,
        rf"{_PEOPLE} (?:contact|contacts|nickname|login|handle|surname|initials|photo|portrait|birthday|dob|email|mail)|(?:surname|initials|dob|birthday|photo|email) (?:of )?{_PEOPLE}",
        r"""
        (?:nida|kra|nssf|nhif|nrc|uscis|alien|philsys|umid|pinfl|epic|abha|mykad|cccd|cmnd|rnokpp|пинфл|упн)(?: ?(?:a ?)?(?:no|num|number|pin|code|id))?|alt(?:ernative|ernate)? contact*|contact alt|тел* для связи|мест* работ* (?:назв|наим)*|(?:work ?place|employer|company|firm) name
        """,
    ),
    doubt_names=phrases("(?:bank|credit|debit|salary) card|банк* карт*"),
)

WIDER_LOCATION = Rule(
    "boundary.location",
    "",
    "",
    everywhere=phrases(
        r"""
        (?:где|адрес|по какому адресу|куда) ~ (?:прописан|прописк|зарегистрирован)*|место (?:\w+ )?(?:прописки|регистрации)|регистраци* по месту
        where exactly (?:do|does|did) (?:you|he|she|they) (?:live|stay|sleep|work)|where are you (?:officially )?registered|registered (?:address|residence|at which|at what)|what is your exact
        (?:sites?|pages?|web ?sites?) (?:you )?(?:visit|visited|viewed|opened)|(?:app|apps|phone|web|browser|device|screen ?time|online|internet) (?:usage |activity )?(?:log|logs|history|trace|traces|tracking|monitoring)|app usage|usage of apps
        (?:operator|telecom|carrier|provider|cell tower|tower|base station|billing|cdr|mno|bank|card|purchase|payment|shop|till|loyalty card) (?:data|records?|logs?|history|transactions?|statements?)|cdrs?|transactions? (?:data|log|history|list|statement)*
        (?:данные|истори|выписк|детализац|журнал|логи)* (?:\w+ ){0,2}?(?:оператор|связ|звонк|покупок|покупк|платеж|транзакц|банк|карт[еыа]|сообщен|поиск|браузер|поездок|перемещ|приложен|просмотр)*|покупк* (?:по )?карт*|биллинг*
        (?:friends?|contacts?|followers?|subscriptions?) list|list of (?:your )?(?:friends|contacts|followers|subscriptions)|(?:подписк|подписчик|друз|лайк|репост)* (?:\w+ ){0,2}?(?:вк|вконтакте|соцсет|социальн|телеграм|инстаграм|одноклассник)*
        (?:smart ?watch|wearable|fitness|step|sleep|car|ankle|gps|location) (?:data|tracker|trackers|bracelet|tag)|трекер*|маячок|маячк*|(?:электронн|фитнес|умн)* браслет*|умн* (?:час|браслет)* данн*
        (?:куда|где) (?:вы )?(?:ходил|ходите|ездил|ездите|бывал|бываете|были)* ~ (?:вчера|вечер|день|дня|выходн)*|track* (?:your|his|her|their|the) (?:\w+ )?(?:phone|movement|location|car|journey)*
        """,
        r"""
        (?:find|way to|directions to|drive to) your (?:home|house|dwelling|compound)|landmarks?|(?:where|which (?:villages|places|towns|cities|countries)) (?:did|do|have|were) (?:you|they) (?:\w+ )?(?:spend|spent|travel|travelled|traveled|visit|visited) (?:to )?(?:last|yesterday|this|the|on|during)|как (?:проехать|пройти|добраться|найти|попасть) (?:к |в |до )?(?:ваш|вас)*|в каких местах|почтов* индекс*|индекс* почтов*|commut* (?:route|path|trip)*|маршрут*
        """,
    ),
    names=phrases(
        r"""
        (?:apartment|flat|apt|house|building|entrance|street) (?:no|num|number|nr|name|address)|(?:дом|кварт|кв|корп|корпус|подъезд|строен)* (?:ном|номер|н|no)
        (?:адр|адрес|addr|adres)* (?:дом|жит|прож|прописк|регистр|факт|юр|раб|заявит|home|work|reg|fact|post)*|(?:home|work|post|postal|reg|current|permanent|mail) addr*|факт* адр*
        (?:geo|gps|гео) ?(?:loc|location|pos|position|data|coord|lat|lon|lng|тег|метка|локац|позиц)*|lat ?(?:lon|long|lng)|координат* \w+|x ?coord*|y ?coord*|(?:home|house|dwelling) ?(?:gps|lat|lon|lng|coord|location)*
        прописк*|проживан* адрес*
        =tracker|tracking|трекер|слежка|камера|camera|cameras|камеры|прописка|movements|передвижения|маршруты|где был|where been
        """,
        r"""
        (?:street|village|home|house|work|work ?place|display|full|postal|permanent|current|present|mailing|billing|office|school) (?:street )?addr*
        """,
    ),
    doubt_names=phrases("social media|соц* сет*|соцсет*|websites?|smart ?watch*"),
    innocent=phrases(
        r"""
        где (?:вы )?(?:проводите|ночуете|провели|ночевали) (?:\w+ )?ноч*|where (?:do|did) you (?:spend|sleep) (?:the |last |this )?nights?
        """,
    ),
)

WIDER_POLITICAL = Rule(
    "boundary.political",
    "",
    "",
    everywhere=phrases(
        r"""
        электорал*|elektoral*|electoral (?:choice|preference|behaviou?r|intention)*|(?:trust|trusts|approve|approves|approval|confidence|believe)* (?:\w+ ){0,3}?(?:government|president|governor|mayor|parliament|authorities|politicians?|prime minister|minister|duma|congress|senate|ruling party|regime)
        (?:support|favou?r|like|prefer|endorse|criticis|criticiz|oppos|dislike)* (?:\w+ ){0,3}?(?:candidate|president|governor|mayor|politician|opposition|regime|kremlin|ruling party|prime minister|senator|congressman)s?
        (?:поддержива(?:ете|ешь|ю)|одобр|доверя|голосу|проголос|выбра|выбер|критику|осужда|ругал)* ~ (?:кандидат|депутат|губернатор|мэр|власт|правительств|президент|партии|партию|политик|министр|оппозиц|дум[еуы])*
        (?:кандидат|депутат|губернатор|мэр|власт|правительств|президент|парти|политик|оппозиц)* ~ (?:поддержива(?:ете|ешь|ю)|одобря|доверя|голосу|голосова|проголос|выберете|критику)*
        (?:доверие|уровень доверия|рейтинг|поддержка) (?:\w+ )?(?:губернатор|мэр|депутат|власт|правительств|президент|парти|дум)*|(?:за|против) кого (?:\w+ )?(?:голос|проголос)*
        (?:marched|march|marching|protested|picket|picketed|demonstrat(?:e|ed|ing)|rallied) (?:for|against|with|in|at)|(?:one person )?pickets?|одиночн* пикет*|пикет*|протестн*|демонстраци*
        (?:sign|signed|signing) (?:\w+ ){0,3}?petitions?|petitions? (?:you )?signed|petition sign*|подпис* ~ петици*|сбор* подписей за|(?:donat|contribut)* (?:\w+ ){0,3}?(?:campaign|candidate|part(?:y|ies)|opposition)|(?:пожертв|донат|перевод)* ~ (?:парти|кандидат|оппозиц|фбк)*
        """,
        r"""
        (?:stood|stand|standing|run|ran|running) for (?:office|election|parliament|council|mayor|congress|senate)|work(?:ed|s|ing)? for (?:a|the|any) (?:political )?party|участи* (?:в |на )?(?:выбор|митинг|голосован)*|(?:кого|какого) ~ (?:видеть|избрать|назначить) ~ (?:президент|губернатор|мэр|депутат|глав)*|pres(?:ident(?:ial)?)? (?:approv|rating|vote|job)*
        """,
    ),
    names=phrases(
        r"""
        полит* (?:взгл|парт|позиц|актив|убежд|предпоч|орган|отнош|статус)*|polit* (?:view|party|stance|position|activ|orient|affil|leaning|opinion)*|за кого|vote (?:for|\d+|choice|pref|intent*)|voted (?:for|\d+|last)
        (?:svo|сво) (?:attitude|opinion|support|отнош|мнен|поддерж)*|(?:attitude|opinion|support|отнош|мнен|поддерж)* (?:to |к )?(?:svo|сво)
        =svo|сво|demonstration|demonstrations|rally|rallies|митинг|пикет|за кого
        (?:deput*|депут*|candid*|кандид*|govern*|губерн*|president*|презид*|вла[сc]т*|мэр*) (?:support|approval|trust|rating|доверие|поддерж|одобр|голос)*|(?:support|approval|trust|rating|доверие|поддерж|одобр)* (?:deput|депут|candid|кандид|governor|губерн|president|презид|власт|мэр)*
        """,
    ),
    innocent=phrases(
        r"""
        (?:поддержк|помощ)* (?:от |со стороны )?(?:\w+ ){0,2}?(?:власт|администраци|правительств)*|(?:support|help|aid|assistance|benefits?|money) from (?:the |your )?(?:\w+ )?(?:authorities|government|council|state)
        """,
    ),
)

WIDER_RELIGION = Rule(
    "boundary.religion",
    "",
    "",
    everywhere=phrases(
        r"""
        (?:lent|lenten|ramadan|religious|orthodox|yom kippur) fast*|fast* (?:for|in|during|at) (?:lent|ramadan|religious)*|постится|поститесь|постились|постящ*|(?:собл|держ)* (?:\w+ )?(?:пост|посты|шаббат|субботу|намаз|кашрут|халяль)
        (?:иуде|мусульм|христиан|буддист|католи|протестант|баптист|старообряд|язычни|лютеран|адвентист|пятидесятн)* (?:ли|семь|вер|общин|церк)*|иудей*|иудаизм*|вероиспов*|воцерков*|церковн* (?:общин|прихо|брак)*
        (?:say|read|pray|recite) (?:\w+ )?(?:prayers?|rosary|namaz|torah|quran|koran|bible)|(?:read|чита)* (?:\w+ )?(?:bible|quran|koran|torah|библи|коран|молитв|евангели)*|(?:church|mosque|temple|synagogue|chapel)s? (?:member|membership|goer|going|attend|attendance|visit|wedding)*
        """,
        r"""
        mass (?:attend|freq|goer)*|(?:family|anyone|someone|you|they) (?:\w+ ){0,3}?converted|convert(?:ed|s)? (?:to|from) (?:islam|christian|orthodox|catholic|juda|buddh|hindu|another (?:religion|faith))*|sunday (?:mass|worship|school)
        """,
    ),
    names=phrases(
        r"""
        =confession|конфессия|вероисповед|вероисп|relig|рел|религ|fasting|пост|намаз|namaz|крещ|kresh|baptism|baptized|god|бог
        (?:relig|религ|конфес|church|церк|мечет|mosque|храм|faith|вер)* (?:affil|group|community|принадл|общин|attend|посещ|freq|част|membership|id|code|status|type|тип)*
        """,
    ),
    innocent=phrases(
        r"""
        converted (?:to|into|from) (?:a |an )?(?:flat|house|hous|home|room|office|shop|barn|gas|electric)*|(?:house|home|building|flat|room|stove|boiler) (?:\w+ )?converted
        """,
    ),
)

WIDER_ETHNICITY = Rule(
    "boundary.ethnicity",
    "",
    "",
    everywhere=phrases(
        r"""
        тейп*|тайп*|teip|кмнс|kmns|коренн* (?:\w+ )?(?:народ|малочисл)*|малочисленн* народ*|(?:из|к) как* (?:\w+ )?(?:народ|племен|рода|тейпа|касты|клана)*|какой вы (?:нации|крови|расы|народности)|какой (?:нации|крови|расы) вы
        (?:what|which) (?:people|tribe|clan|caste|nation|race|ethnic group) (?:do|are|does) (?:you|they|he|she)|(?:nationality|ethnicity|race|caste|tribe|people) of (?:your |the )?(?:mother|father|parents?|grandparents?|spouse|husband|wife|child|children|family)
        (?:национальност|этнос|народност|раса)* (?:\w+ )?(?:мат|отц|родител|супруг|мужа|жены|дед|баб|ребен|дет)*|(?:black|white|asian|mixed|hispanic|latino|caucasian) (?:british|african|caribbean|american|ethnic|race)*|цвет* (?:вашей )?кожи
        """,
    ),
    names=phrases(
        r"""
        =нац|nac|nats|нация|nation|tribe|клан|clan|kasta|каста|этнос|etnos|раса|rasa
        (?:нац|этн|etn|ethn|nats|nac|rac)* (?:принадл|происх|состав|групп|code|код|id|group|origin|status|type|меньшин|minor|identity)*
        """,
        r"""
        race ?eth*|caste ?cat*|bipoc|bame|poc|национ*|нацмен*
        """,
    ),
)

WIDER_UNION = Rule(
    "boundary.union",
    "",
    "",
    everywhere=phrases(
        r"""
        профбилет*|проф ?(?:билет|взнос|ячейк|орган|союз)*|профком*|профорг*|works council*|workers council*|shop steward*|(?:labou?r|trade|workers|employees) (?:organi[sz]ation|federation|association|syndicate)s?|collective bargaining|(?:union|профсоюз)* (?:dues|fee|card|rep|official|взнос|активист)*
        (?:went|gone|go|been|take part|took part|participat)* (?:\w+ ){0,3}?(?:strike|strikes|walkout|industrial action)|(?:бастов|забаст|стачк)*
        """,
    ),
)

WIDER_SEXUAL = Rule(
    "boundary.sexual-life",
    "",
    "",
    everywhere=phrases(
        r"""
        partners? sex*|sex* (?:partner|life|contact|activ|behaviou?r|relation|orient|prefer|identity|habit|history)*|половы* (?:партн|жизн|контакт|связ|отнош)*|интимн* (?:жизн|связ|отнош|контакт)*|(?:sleep|slept|sleeping) with (?:men|women|other|someone|anyone)|(?:спите|спали|живете) с (?:мужчин|женщин)*
        attracted to (?:men|women|both|the same|people of)*|(?:нравятся|привлекают) (?:\w+ )?(?:мужчины|женщины|свой пол)|(?:гомо|би|гетеро|транс|ас)секс*|лгбт*|трансгендер*|coming out|same sex (?:partner|couple|relation|marriage)*|однопол*
        """,
    ),
    names=phrases("=sex life|orientation|ориентация|lgbtq|lgbt|queer|bisexual|heterosexual|asexual"),
)

WIDER_LOYALTY = Rule(
    "boundary.loyalty",
    "",
    "",
    everywhere=phrases(
        r"""
        (?:support|help|donat|stand|back)* (?:\w+ ){0,3}?(?:our |the )(?:soldiers|troops|army|military|armed forces|boys at the front)|(?:поддерж|помога|собира|жертву|донат)* ~ (?:армии|армию|солдат|войск|бойц|фронт|вс рф|защитник|мобилизован)*
        (?:attitude|love|devotion|allegiance|faithful)* (?:\w+ ){0,3}?(?:motherland|fatherland|homeland|your country|the flag|the anthem|the nation)|(?:любите|любовь|преданн|верны|верность|уважа)* (?:\w+ ){0,3}?(?:родин|отечеств|отчизн|государств|флаг|гимн|стран[уеы])*
        (?:civic|citizen|moral|social|national) (?:duty|virtue|worth|trust|loyalty|attitude|reliability|credit|merit|value)*|(?:гражданск|моральн|нравственн)* (?:долг|облик|качеств|надежн|ценност|сознательн)*|(?:разделя|поддержива)* ~ (?:традиционн|официальн|государственн)* (?:ценност|позици|политик|курс)*
        (?:law ?abiding|good citizen|model citizen|exemplary|trustworthy citizen|anti social|antisocial|asocial)|(?:законопослушн|добропорядочн|примерн* граждан|асоциальн|антиобществен|тунеяд|дармоед)*|(?:moral|нравственн|моральн)* (?:облик|качеств|rating|score|character)*
        (?:speak|spoke|write|wrote|post|posted|say|said) (?:\w+ ){0,3}?against (?:the )?(?:state|government|authorities|country|army|war)|(?:критик|высказыва|выступа|пост|писал)* ~ (?:против (?:\w+ )?)(?:власт|государств|правительств|арми|войн)*
        """,
        r"""
        tu member*|cba(?: covered)?|collective agreement*|(?:union|tu|cba) (?:covered|cover|status|yn|flag)
        """,
        r"""
        msm|wsw|(?:msm|wsw|lgbt*) (?:flag|status|yn)
        """,
        r"""
        (?:spoken|spoke|speak|talk|talked|said|say) (?:\w+ )?against (?:the )?(?:state|government|authorities|country|nation)|руга(?:л|ет)* ~ (?:власт|правительств|президент|государств|стран)*
        """,
    ),
    names=phrases(
        "=moral|morals|morality|мораль|нравственность|civic duty|character|loyal|лояльн|патриот|патриотизм|integrity score"
    ),
    doubt=phrases("родственник* за (?:границ|рубеж)*\n=надежность"),
    innocent=phrases(
        r"""
        обществен* (?:транспорт|туалет|бан|питан|колон|прачечн|приемн)*|оценк* граждан* (?:качеств|услуг|работ)*|trust (?:your )?neighbou?rs to (?:help|look after|watch)*
        """,
    ),
)

WIDER_REGISTERS = Rule(
    "boundary.registers",
    "",
    "",
    everywhere=phrases(
        r"""
        адм* (?:наруш|штраф|правонаруш|арест|дел[оа]|ответствен)*|нарколог* учет*|(?:на )?учет* ~ (?:нарколог|психиатр|полиц|пдн|инспекц|комисси по делам|овд|мвд|участков)*|(?:у вас|ваш|имеете|имеют) ~ (?:долг|задолженност)* ~ алимент*|алимент* (?:долг|задолж|неупл)*|долг* (?:по )?алимент*
        (?:caught|stopped|questioned|detained|charged|cautioned|booked|prosecuted|sentenced|jailed|locked up|remanded|investigated|interrogated|summoned) (?:\w+ ){0,3}?(?:police|law|court|officer|judge|traffic|crime|offence|shoplift|theft|drunk)*|(?:in|to|from) (?:prison|jail|a penal)
        (?:behind bars|served time|doing time|time in (?:prison|jail)|community service order|suspended sentence|on bail|on remand|rap sheet|mug shot|restraining order|court (?:fine|summons|judg\w*|ruling|debt|record)s?)
        сидел* в (?:тюрьм|колони|сизо)*|(?:отсид|осужден|задержан|арест|допраш|допрос|обыск|приговор|амнист|подозреваем|обвиняем|уголовн)*|освобод* из (?:мест|тюрьм|колони|заключ)*|условн* срок*|под следствием|(?:полиц|гаи|росгвард|участков)* ~ (?:задерж|вызыва|забира|приход)*|задержива* ~ (?:полиц|гаи|росгвард)*
        (?:лиш|лишен|лишали)* (?:\w+ ){0,2}?(?:водительских )?прав|(?:stop|wanted|watch|exit ban|no fly|travel ban) list*|(?:запрет|ограничен)* (?:на )?выезд*|(?:розыск|невыездн)*
        (?:bank|credit|loan|tax|payment|debtors?) (?:default|defaulter|defaulters|bureau|scoring|register|registry|blacklist|black list|history|rating|score|file|report)s?|(?:кредитн|банковск|налогов)* (?:скоринг|бюро|рейтинг|истори|досье|балл|задолж|долг|недоимк)*|недоимк*
        """,
        r"""
        (?:traffic|parking|speeding) (?:ticket|fine|offence|violation|penalt)*|(?:loan|credit|mortgage|debt|you)s? (?:\w+ ){0,2}?(?:default|defaulted)|(?:into|in) default|(?:trouble|problems|dealings|contact) with (?:the )?(?:police|law|courts?)
        """,
    ),
    names=phrases(
        "=судимость|судимости|осужден|штраф|штрафы|police|полиция|привод|приводы|conviction|convict|inmate|felon|felony|offences|offenses|crime|crimes|criminal|delinquent|задержания|арест"
    ),
    innocent=phrases(
        r"""
        (?:сидел|сидит|сиде)* (?:\w+ ){0,3}?(?:без|голод|дома|с детьми)*
        """,
    ),
)

WIDER_SANCTION = Rule(
    "boundary.sanction",
    "",
    "",
    everywhere=phrases(
        r"""
        (?:lead|leads|led|leading) to (?:a |the )?(?:ban|penalty|sanction|exclusion|fine|suspension)|(?:missed|no show)* (?:\w+ ){0,3}?(?:ban|banned|penalt|penalised|penalized|sanction)*
        """,
    ),
    names=phrases(
        r"""
        (?:benefit|aid|support|help|payment|assistance)s? (?:ban|penalty|forfeit)*|(?:exclude|excluded|ban|banned|bar|barred|suspend|suspended|block|blocked) (?:until|till|date|days|months|reason|flag)
        =suspended|лишение|блокировка|исключен|отстранен|revoked|barred|disqualified|forfeited
        (?:снят|сняти|спис|минус)* балл*|(?:штраф|санкц|наказ|взыск|предупр|выговор)* (?:балл|дата|срок|тип|код|причин|кол|сумм)*|(?:warning|strike|penalty|sanction|demerit|infraction|violation)s? (?:count|level|type|date|code|reason|points|no|number)
        (?:fraud|risk|suspicion|trust|honesty|lie|cheat|deception|integrity) (?:score|flag|level|rating|index|points|mark|class|category|prob|probability)|(?:мошен|подозр|обман|риск|честн|правдив|доверия)* (?:балл|флаг|уров|рейт|индекс|метк|призн|оцен|степен)*
        """,
        r"""
        (?:предупр|выговор|нарушен|замечан|наруш)* (?:числ|колич|кол|счет)*|(?:числ|колич|кол)* (?:предупр|выговор|нарушен|замечан|штраф)*
        """,
    ),
)

WIDER_INFORMER = Rule(
    "boundary.informer",
    "",
    "",
    everywhere=phrases(
        r"""
        (?:which|what) (?:of (?:your|the) )?(?:neighbou?rs|villagers|families|households|people) (?:\w+ ){0,4}?(?:without need|not need|do not need|undeserv|wrongly|unfairly|should not|too much|lie|cheat|pretend)*|(?:anyone|someone|people|families|neighbou?rs) (?:you know )?who (?:cheat|lie|pretend|hide|do not deserve|should not (?:get|receive))*
        (?:й?жал|йал)об* сосед*|(?:назовите|укажите|перечислите|напишите) (?:\w+ ){0,3}?(?:сосед|односельч)* (?:\w+ ){0,2}?(?:котор|кто)*|(?:рассказыва|говор|сообща)* ~ (?:соседи|односельчане|коллеги) (?:о|про)
        (?:rate|assess|judge|grade|score|rank) (?:\w+ ){0,2}?(?:honesty|character|sincerity|truthfulness|credibility|trustworthiness) (?:of )?|(?:оцените|оценка) (?:\w+ ){0,2}?(?:честност|искренност|правдивост|порядочност)*
        """,
        r"""
        (?:рассказыва|говор|сообща|судач)* ~ соседи ~ (?:о|об|про)|кто ~ (?:помощь|пособи|выплат|льгот)* (?:зря|незаслуженно|напрасно|нечестно|не по праву)|(?:говорит|отвечает|пишет) ли ~ правду|(?:is|are) (?:this|the) (?:\w+ )?(?:person|applicant|family|man|woman) (?:\w+ )?(?:telling the truth|honest|lying|sincere|truthful)|(?:takes?|gets?|receives?) (?:\w+ )?(?:help|aid|support|benefits?) (?:and|but|who) (?:do|does) not need*
        """,
    ),
)

_RATING = r"(?:score|scores|scored|rating|ratings|rated|rank|ranks|ranking|points|grade|grades|index|indices)"
_RATING_RU = r"(?:балл\w*|рейт\w*|реит\w*|скоринг\w*|оценк\w*|ранг\w*|индекс\w*)"
_ELSEWHERE = r"(?:other|another|all|every|different|previous|earlier|past|several|both|multiple) (?:\w+ )?(?:programmes?|programs?|schemes?|agenc(?:y|ies)|services|departments|offices|projects)"
_ELSEWHERE_RU = r"(?:друг|проч|предыдущ|прежн|прошл|все[мх]|разн|ины|сосед|нескольк|обе)\w* (?:\w+ )?(?:программ|проект|сервис|служб|ведомств|учрежден)\w*"
_OF_PEOPLE = r"(?:citizens?|persons?|residents?|human|applicants?|claimants?|beneficiar(?:y|ies))"
_RATED_RU = r"(?:балл\w*|рейт\w*|реит\w*|скоринг\w*|ранг\w*)"

ACROSS = Rule(
    "boundary.across-programmes",
    "a rating of people, or one that crosses programmes",
    "A measure belongs to one programme and one purpose, and expires with it. Nobody is rated as a person.",
    everywhere=phrases(
        rf"{_RATING} (?:\w+ ){{0,4}}?(?:in|from|of|across|by|for|under|at) (?:\w+ )?{_ELSEWHERE}|{_ELSEWHERE} (?:\w+ )?{_RATING}",
        rf"{_RATING_RU} (?:\w+ ){{0,4}}?{_ELSEWHERE_RU}|{_ELSEWHERE_RU} (?:\w+ )?{_RATING_RU}",
        r"cross ?(?:programme|program|scheme|agency|service|sector|register|department) \w+|across (?:all )?(?:programmes|programs|schemes|agencies|registers)|межпрограмм*|межведомствен* (?:рейтинг|балл|профил|учет|оценк)*|(?:profile|record|file|dossier|history) (?:of the (?:person|applicant|citizen|client) )?(?:across|from|in|at) (?:all|other|every|previous) (?:programmes|programs|schemes|agencies|services)",
        rf"(?:lifetime|life ?long|lifelong|permanent|unified|single|master|universal|global|national|state) (?:{_OF_PEOPLE} |social |civic |welfare )?{_RATING}|(?:един|сводн|сквозн|пожизненн|общероссийск|государственн|накопительн)\w* (?:соц\w* )?{_RATING_RU}",
        rf"{_OF_PEOPLE} (?:s )?(?:social |value |worth |quality |merit )?{_RATING}|{_RATING} of (?:a |the |each |every )?{_OF_PEOPLE}|{_RATED_RU} (?:\w+ )?(?:граждан|личност|жител|благонадеж|полезност|социальн|заявител)\w*|(?:граждан|соц|социальн|личн|заявител)\w* {_RATED_RU}|(?:общ|обш|единн)\w* {_RATED_RU} (?:\w+ )?(?:программ|граждан|человек|жител|заявит)\w*",
        r"(?:social|human|civic|citizen) (?:worth|credit|rating|merit|usefulness|utility)(?: score| rating| points)?|social capital (?:score|points|rating)|usefulness to society|worth to (?:society|the community)|(?:полезност|ценност)* для (?:обществ|государств)*|социальн* (?:ценност|полезност|кредит|доверия)*",
        r"""
        cross ?(?:prog|progr|scheme)(?: \w+)?|(?:what|which) (?:rating|score|rank|points|grade)s? (?:did|do|does|has|have) (?:\w+ )?(?:other|another|all|every|different|previous|earlier) (?:programmes?|programs?|schemes?|services|agencies)|(?:rank|rate|score|sort|order|grade) (?:the )?(?:residents|citizens|people|applicants|inhabitants|villagers) (?:by|from|according|on)|(?:points|scores|ratings) (?:\w+ ){0,2}?(?:from|across|of) all (?:programmes|programs|schemes|services)|(?:расстав|упоряд|ранжир|отсортир)* ~ (?:жител|граждан|людей|заявител)*|(?:сложите|суммир|просуммир)* ~ балл* ~ (?:граждан|человек|заявител|по всем)*
        """,
    ),
    names=phrases(
        "=karma|карма|merit|merits|заслуги|заслуга|reputation|репутация|worthiness|deservingness|human value|lifetime|karma points"
    ),
    innocent=phrases(
        r"person (?:fit )?index|household (?:hunger|food|wealth|asset|crowding) (?:score|index)|(?:social|material) (?:deprivation|support|exclusion|isolation) (?:score|index|rating|points)*|(?:personal|family) (?:savings|budget|income|allowance)*"
        r"""
        (?:отзыв|мнен|характерист|слова|показан)* (?:от )?(?:сосед|участков|коллег|знаком)*|кто (?:донес|сообщил|пожаловал|доложил)*|neighbou?r* (?:tip|say|view|vote)*
        """,
    ),
    doubt=phrases(
        r"(?:history|records?|results?|decisions?|outcomes?) (?:\w+ ){0,3}?(?:in|from|of|at) (?:other|another|previous|earlier) (?:programmes?|programs?|schemes?)"
    ),
    doubt_names=phrases(
        "(?:other|previous|past|earlier|all) (?:programmes|programs|schemes)|друг* программ*|прошл* программ*|history score|score history"
    ),
)
