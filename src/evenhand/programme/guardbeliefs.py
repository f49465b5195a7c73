# ruff: noqa: E501 - word lists: a line is one family of words, and cutting it would hide that
"""Phrases about what a person believes, where they come from and whom they side with."""

from evenhand.programme.guardpattern import Rule, letters, phrases

_HOUSE = r"(?:church(?:es)?|mosques?|synagogues?|temples?|parish(?:es)?|cathedrals?|chapels?|monaster(?:y|ies)|gurdwaras?)"
_HOUSE_RU = r"(?:церк\w*|церков\w*|мечет\w*|синагог\w*|храм\w*|монастыр\w*|приход(?:а|у|ом|е|ы|ов|ам|ск\w*)?|костел\w*|часовн\w*|собор\w*|дацан\w*)"
_HELP = (
    r"(?:help\w*|near\w*|roof|doctor|food|kitchens?|meals?|soup|support\w*|aid|assist\w*|charit\w*|parcels?|shelters?|pantr(?:y|ies)|clothes|canteens?"
    r"|donation\w*|gives? you|gave you|feeds?|relief|lunch\w*|dinner\w*|bank|vouchers?)"
)
_HELP_RU = (
    r"(?:помо\w*|еду|еда|еды|едой|столов\w*|продукт\w*|обед\w*|одежд\w*|поддерж\w*|благотвор\w*|приют\w*|корм\w*|накорм\w*|набор\w*"
    r"|питани\w*|кухн\w*)"
)

RELIGION = Rule(
    "boundary.religion",
    "religion or belief",
    "What a person believes says nothing about need, and a record of it endangers people.",
    everywhere=phrases(
        r"""
        relig*
        pray(?:s|er|ers|ing|ed)?
        muslims?|islam*|christian*|catholic*|protestant*|jews?|jewish|judais*|hindu*|buddh*|sikh*|jain|jains|zoroastr*|bahai*|yazidi*|alevi*
        orthodox*|atheis*|agnostic*|evangelical*|pentecost*|baptists?|lutheran*|anglican*|methodist*|presbyter*|mormon*|adventist*|jehovah*
        sunnis?|shias?|shiites?|ahmadi*|sufi*|salafi*|quran*|koran*|bible*|scriptures?|torah
        believ* (?:\w+ )?in (?:\w+ )?god|god*|allah|worship*|belief in*|non ?believer*|believers?
        baptis(?:e|m|ed|ing)*|baptiz*|christened|ramadan|sabbath|shabbat|eucharist|hajj|pilgrim*|sermons?|church ?go*|secular
        headscar*|hijab*|niqab*|burqa*|yarmulke*|congregation*|denominations?
        faith (?:group|community|affiliation|based identity)|(?:your|which|what|same|whose) (?:\w+ )?faith|of (?:\w+ )?faith
        (?:your|personal|spiritual) (?:\w+ )?beliefs?|reasons of belief|spiritual*|afterlife|what ~ believe in|go* to mass|attend* mass
        """,
        rf"(?:attend|attends|attended|attending|visit|visits|visited|visiting|join\w*|involved in|active in|sing in|serve in|belong\w* to"
        rf"|member\w* of|pay\w* to|donat\w* to|go|goes|going|went|been|gone)(?: \w+){{0,3}}? {_HOUSE}",
        rf"{_HOUSE} (?:attend\w*|member\w*|service|services|affiliat\w*|visits?|goer\w*|wedding|community|group|name|tax)",
        rf"(?:which|what|whose|your) {_HOUSE}|(?:how often|often|regular\w*) (?:\w+ ){{0,4}}?(?:at|to|in) (?:\w+ )?{_HOUSE}",
        """
        рели*|вероиспов*|вероучен*|конфесси*|верующ*|неверующ*|атеис*|агностик*|воцерков*|духовн* (?:взгляд|убежден|жизн|наставник)*
        """,
        rf"(?:ход|посещ|быва|член|состо|прихожан|принадлеж|жертву|служ)\w* (?:\w+ ){{0,4}}?{_HOUSE_RU}|{_HOUSE_RU} (?:\w+ ){{0,3}}?(?:посещ|ход|быва)\w*",
        rf"посещени\w* {_HOUSE_RU}|какой {_HOUSE_RU}|прихожан\w*",
        """
        молит*|молятся|молиться|молюсь|намаз*|православ*|мусульм*|ислам*|христиан*|католи*|протестант*|иуде*|иудаи*|будди*|буддис*|индуи*
        старообряд*|старовер*|баптис*|пятидесятник*|адвентист*|иегов*|сунни*|шиит*|язычни*|салафит*|лютеран*|мормон*|кришнаит*|сектант*|секта|секты|секте
        соблюда* ~ (?:пост|поста|посты|рамадан|уразу|шаббат|обряд|заповед)*|постит*|великий пост|рамадан*|ураз[аыу]|крещен*|крестили*|крестит*|креститьс*
        причаща*|исповед(?:у|ать|аль|ов)*|библи[яюией]|коран[аеу]?|хиджаб*|никаб*|заповед* бож*|бог|бога|богу|богом|боге|аллах*|иисус*|христ(?:а|у|ом|ос)*
        какой ~ веры|какую ~ веру|ваш* вер[аыуе]|какая ~ вера|каково* веры|вероотступ*|кошерн* ~ вер*|обрезан*|во что ~ верите
        верите ли вы в бога|верите ~ в (?:бога|загробн)*|veroisp*|konfess*
        """,
        r"""
        creeds?|holy (?:day|days|book|places?)|religious holiday*|communion|fasting rules|(?:do|did) you (?:\w+ )?fast (?:on|for|during|in)*|attend* (?:\w+ ){0,3}?services|bless(?:ed|ing) by|shrine*|sects?|cults?|heretic*|apostat*|gospel*|godless|convert(?:ed)? to|clergy you|tithe*|ash wednesday|born again
        (?:став|поставил|зажига)* (?:\w+ ){0,3}?свеч*|свеч* (?:\w+ ){0,3}?(?:здрави|упоко|храм)*|икон(?:а|ы|у|ой|ам)|обряд*|святын*|венча*|причасти*|святым|мулл[аыу]|муфти*|джума|кришн*|синод*|патриарх*|загробн*|соблюда* (?:\w+ ){0,3}?(?:религ|пост|обряд|традиции веры)*|нательн* крест*|крестик*
        """,
        r"""
        (?:church(?:es)?|mosques?|synagogues?|temples?|cathedrals?|chapels?|monaster(?:y|ies)|gurdwaras?|priests?|imams?|rabbis?|mullahs?|pastors?)
        церк*|церков*|мечет*|синагог*|храм|храма|храме|храму|храмы|монастыр*|костел*|дацан*|священник*|имам*|раввин*|батюшк*|пастор*
        """,
    ),
    names=phrases(
        """
        =faith|вера|belief|beliefs|denomination|rel|fasting|rel affil|sect|god
        rel affil*|faith*
        """,
        _HOUSE,
        _HOUSE_RU,
    ),
    stems=letters("muslim|christian|religio|relaffil|религи|вероиспов|konfessi"),
    innocent=phrases(
        r"good ?friday|oh my god|thank god|orthodox (?:mattress|shoes)|protestant work|(?:in )?christian name|chapel street",
        "собор(?:у|ная) улиц*|слава богу|приход* (?:тепл|зим|весн|почт|скорой|врач|газ)*|доход* и приход*|приход расход",
        "божь* коровк*|god(?:mother|father|parent|child|son)s?|godown|крещенск* мороз*|крестьян*|secular trend",
    ),
    excused=phrases(
        rf"{_HOUSE}(?: \w+){{0,2}}? {_HELP}|{_HELP}(?: \w+){{0,5}}? {_HOUSE}",
        rf"{_HOUSE_RU}(?: \w+){{0,4}}? {_HELP_RU}|{_HELP_RU}(?: \w+){{0,5}}? {_HOUSE_RU}",
        r"(?:faith|religious) (?:based )?(?:organi[sz]ation|charit|group)\w* (?:\w+ ){0,3}?(?:help|food|support|aid)\w*",
        r"(?:help|food|support|aid|assistance|parcel|meal)\w* (?:\w+ ){0,4}?(?:faith based|religious) (?:organi[sz]ation|charit|group|communit)\w*",
        "(?:помо|еду|продукт|поддерж)* ~ религиозн* (?:организаци|общин)*",
    ),
    doubt=phrases(
        _HOUSE,
        _HOUSE_RU,
        r"faith|priests?|imams?|rabbis?|pastors?|vicars?|clergy|nuns?|monks?|zakat|halal|kosher|religious|church\w*|sacred|holy",
        "священник*|имам*|раввин*|батюшк*|халял*|кошерн*|религиозн*|церков*|закят*|пастор*|постн* (?:блюд|меню|пищ)*",
    ),
)

_PEOPLES = (
    r"(?:kurd(?:s|ish)?|arabs?|arabic|tatars?|chechens?|uzbeks?|tajiks?|kyrgyz|kazakhs?|armenians?|azeris?|georgians?|uyghurs?|uighurs?|rohingya"
    r"|hutus?|tutsis?|pashtuns?|hazaras?|somalis?|yorubas?|igbos?|hausas?|fulanis?|kikuyus?|luos?|zulus?|xhosas?|bengalis?|punjabis?|tamils?"
    r"|sinhalese|hispanics?|latin[oax]s?|caucasians?|africans?|asians?|blacks?|whites?|mixed race|turks?|turkish|russians?|ukrainians?|slavs?|slavic"
    r"|buryats?|yakuts?|bashkirs?|han|tibetans?|maori|sami|berbers?|amazigh|oromos?|amharas?|tigrayans?|serbs?|croats?|bosniaks?|albanians?|hungarians?)"
)
_PEOPLES_RU = (
    r"(?:русск(?:ий|ая|ие|им|ой|ого|их)|татар\w*|чеченц?\w*|чечен(?:ец|ск)\w*|башкир\w*|чуваш\w*|украин(?:ец|ка|цы|ск)\w*|белорус\w*|казах\w*|узбек\w*"
    r"|таджик\w*|киргиз\w*|кыргыз\w*|армян\w*|азербайджан\w*|грузин\w*|дагестан\w*|авар(?:ец|к|ц)\w*|лезгин\w*|ингуш\w*|осетин\w*|якут\w*|бурят\w*"
    r"|калмык\w*|немец|немк\w*|поляк\w*|туркмен\w*|монгол\w*|еврей\w*|евреи|мордв\w*|удмурт\w*|марийц\w*|кабардин\w*|тувин\w*|кореец|корейц\w*"
    r"|славян\w*|кавказ(?:ец|ц|ск)\w*|курд\w*)"
)

ETHNICITY = Rule(
    "boundary.ethnicity",
    "ethnic origin, nationality or race",
    "Origin is not need; a figure or a decision by origin is discrimination.",
    everywhere=phrases(
        r"""
        ethni*|ethno*
        nationalit(?:y|ies)|national origins?|nat origin
        racial*|(?:your|which|what|of|by|same|other|any|person s|applicant s) race|race (?:or|and) (?:ethnic|colour|color|relig|origin)*|races
        trib(?:e|es|al|alism|espeople)|castes?|clans?|subcaste*|jati|varna|dalits?|adivasi*|scheduled (?:caste|tribe)*
        skin (?:colou?r|tone|shade)|colou?r of (?:\w+ )?skin|complexion|darker skin*|dark skinned
        indigenous|aborigin*|first nations?|native american*|autochthon*|inuit
        mother tongue|native (?:language|tongue|speaker)|mother s tongue
        roma people|gypsy|gypsies|romani|sinti|travell?er community|(?:a|are you|of) roma|roma (?:origin|famil|communit|background|child|minorit)*|roma or
        ancestr*|lineage*|bloodline*|pedigree of|ethnic roots|(?:your|family|her|his) (?:\w+ )?roots
        (?:ethnic|national|racial|visible|cultural) (?:minorit|background|heritage|origin|descent|identity|affiliat)*
        (?:are you|applicant is|person is) (?:an? )?foreign*|purebred|blood quantum|mulatto|mestizo
        where are your (?:\w+ )?(?:parents|grandparents|family|ancestors) (?:\w+ )?from|where (?:are|do) you (?:really|originally) (?:come )?from
        """,
        rf"{_PEOPLES} (?:\w+ ){{0,2}}?(?:origin|descent|background|heritage|roots|ancestry|blood|ethnic\w*|minority|nationality)",
        rf"(?:origin|descent|heritage|ethnic\w*|identify as|describe yourself as|consider yourself|are you|is your family) (?:\w+ ){{0,2}}?{_PEOPLES}",
        rf"{_PEOPLES} (?:(?:and|or|an?) )?(?:\w+ )?{_PEOPLES}",
        r"of (?:\w+ ){0,2}?(?:descent|extraction|parentage)",
        """
        национальност*|нац(?:иональн*)? ?(?:принадл|происхож|состав|меньшинств)*|национальн* (?:принадл|происхож|состав|меньшинств|групп|корн|признак)*
        этни*|этнос*|этно*|расов*|раса|расы|расе|расу|цвет* (?:\\w+ ){0,2}?кожа*|цвет* (?:\\w+ ){0,2}?кожи|кож[аи] (?:\\w+ )?цвет*|смуглы*|темнокож*|чернокож*
        (?:какого|какой|какому|какая|какое) ~ (?:племен|народ|народност|тейп|клан|жуз|рода\\b|нации|наци)*|(?:какого|какой|к какому|какому) (?:\\w+ )?(?:народ|народност|племен|тейп|клан|жуз|наци)*
        народност*|племен[иа]|племя|коренн* (?:малочисл|народ|жител|национальн)*|малочисленн* народ*|тейп*|тухум*|жуз[ауе]?
        родно(?:й|го|м|му) (?:\\w+ )?язык*|язык* родной|цыган*|метис*|нерусск*|инород*|гастарбайтер*|лиц* кавказск*
        (?:еврейск|национальн|татарск|кавказск|этническ|немецк|польск|украинск|чеченск|инородн)* (?:корн|кров|происхожд)*|корн* ~ (?:семь|ваш|предк)*|родословн*
        происхождени* ~ (?:семь|родител|предк|заявител)*|национальн* происхожд*|откуда ~ (?:родом|предки|корни)|предк(?:и|ов|ами)|кто ~ по нации|нация
        natsionalnost*|nacionalnost*|etnic*|etnos*
        """,
        rf"{_PEOPLES_RU} (?:\w+ ){{0,2}}?{_PEOPLES_RU}|{_PEOPLES_RU} (?:корн|кров|происхожд|национальн|семь)\w*",
        rf"(?:вы|себя|заявитель|семья) (?:\w+ )?{_PEOPLES_RU}",
        r"""
        (?:person|people|man|woman|child|famil\w+) of colou?r|bame|(?:which|what) (?:\w+ ){0,2}?(?:people|peoples|community|group) (?:do|does|did) (?:you|your family|the household|they) (?:\w+ )?(?:belong|come|identify|count)*|group (?:do )?you (?:feel )?(?:you )?(?:belong|identify)*
        (?:sound|look|looks|sounds|appear) foreign|non ?(?:white|native|russian|slavic)|native born|(?:pure|mixed) blood*|(?:ethn|race|caste|tribe|tribal|clan)* (?:group|grp|cat|category|code|affil|member|origin)*|minority (?:ethnic|status|group)*
        (?:причисля|относ|счита|назов)* (?:\w+ ){0,4}?(?:наци[яиюей]|народ[уаеом]*|народност|этно|племен)*|из коренных|наци(?:я|и|ю|ей)|титульн*|инородц*|понаехавш*|чистокровн*|полукров*|кем вы себя считаете по
        """,
    ),
    names=phrases(
        "=race|race head|hispanic|latino|roma|black|ethn|ethn code|nation|народ|clan|origin|родной|tribe name|нац"
    ),
    stems=letters(
        "ethnic|ethgr|tribal|castegr|nationality|национальност|этническ|mothertongue|skincolo|nacionalnost"
    ),
    innocent=phrases(
        r"(?:foot|horse|bike|running|boat|egg) race|race (?:against|to (?:the|pay))|international*|national (?:park|holiday|grid|average)*|in a race",
        "расы (?:собак|кошек)*|кож* (?:курт|обув|сапог|заболев)*|племенн* (?:скот|бык|хозяйств)*|скот* на племя|white (?:bread|goods|rice|flour|fish)|black (?:bread|coal|tea|mou?ld)",
        "русск* печ*|народн* (?:средств|медицин|танц)*|расс*|black and white|white or (?:brown|black)",
    ),
    excused=phrases(
        rf"(?:language|letters?|write|interview\w*|translat\w*)(?: \w+){{0,6}}? {_PEOPLES}(?: (?:or |and |in )?{_PEOPLES}){{0,4}}",
        rf"(?:на каком|язык|перевод|писать)\w*(?: \w+){{0,6}}? {_PEOPLES_RU}(?: (?:или |и |на )?{_PEOPLES_RU}){{0,4}}",
    ),
    doubt=phrases(
        r"""
        citizen(?:ship|s)?|citizen of*|residence permit*|resident (?:permit|status|alien)*|residency|permanent residen*|visa|visas|stateless*
        refugee*|asylum*|migrant*|immigra*|emigra*|migration*|migratory|displaced*|idp|idps|returnees?|foreign*|non citizen*|noncitizen*|settled status|undocumented
        (?:country|place|city|town|region|state) of (?:birth|origin)|birth ?(?:place|country)|born in|country (?:\w+ )?born|born (?:abroad|in)|what country ~ born|which country ~ born
        (?:language|languages) (?:\w+ ){0,4}?(?:at home|spoken|speak*|with your family|use at home|of the (?:home|household|family))|home ?language*|speak* (?:\w+ ){0,3}?at home|household language*|first language*|language* (?:speak|spoken)*|what language* (?:do|does|did)*
        minorit*|homeland|nation of*
        """,
        _PEOPLES.replace(r"|blacks?|whites?", "").replace("|han|", "|"),
        """
        гражданств*|вид* на жительство|внж|рвп|патент на работу|мигра(?:нт|ци)*|иммигр*|эмигр*|переселен*|беженц*|беженец|беженк*|убежищ*|перемещенн* лиц*|иностран*|апатрид*|лиц* без граждан*|негражд*
        (?:стран|мест|город)* рождени*|в какой стране ~ род*|где вы родились|родились ~ (?:стране|россии|рубеж)*|родил* за границей
        язык* (?:\\w+ ){0,4}?дома|дома (?:\\w+ ){0,3}?язык*|(?:на каком|каком) языке (?:\\w+ )?(?:говор|разговар|общ|дума)*|домашн* язык*|язык* (?:семь|общени)*|меньшинств*|прописк*|регистраци* по месту*
        """,
        _PEOPLES_RU,
        "натурализ*|naturali[sz]*|grazhdanstv*",
        r"""
        кем вы себя считаете|приезж*|местн(?:ый|ая) или|community do you belong
        """,
    ),
    doubt_names=phrases("nation*|language (?:home|spoken|family)|native|язык дома|origin*|прописк*|propisk*"),
)

_POWER = (
    r"(?:governments?|authorit(?:y|ies)|presidents?|prime minister|regime|ministers?|governors?|mayors?|parliament|congress|senat\w*|deput(?:y|ies)"
    r"|mps?|politicians?|leaders?|leadership|state power|ruling|putin\w*|administration|officials?|constitution|system)"
)
_POWER_RU = (
    r"(?:власт[ьияейюхм]\w*|правительств\w*|президент\w*|губернатор\w*|мэр\w*|депутат\w*|дум[аыеу]\b|режим\w*|путин\w*|министр\w*|парламент\w*"
    r"|руководств\w* (?:страны|государства|региона|района)|глав\w* (?:государства|региона|района|республики)|государственн\w* строй|чиновник\w*|навальн\w*|зеленск\w*)"
)
_JUDGED = (
    r"(?:approv\w*|disapprov\w*|opinions?|think of|think about|attitudes?|views?|rate|rating|satisf\w*|critici[sz]\w*|confiden\w*|trust\w*|opposed? to"
    r"|agree with|perform\w*|popular\w*|like|dislike|judge|judgement|assess\w*|vote\w*|doing (?:a|its|his|her))"
)

POLITICAL = Rule(
    "boundary.political",
    "political opinion or activity",
    "Support never depends on what a person thinks of those who hand it out.",
    everywhere=phrases(
        r"""
        politic*|apolitic*|geopolitic*
        part(?:y|ies) (?:member|affiliat|preference|vote|voting|id|ident|support|loyalt|choice|closest|card|leader|branch|activ|list|allegiance)*
        (?:ruling|opposition|communist|democratic|republican|conservative|labou?r|liberal|socialist|green|nationalist|governing|united russia|favou?rite) part(?:y|ies)
        (?:member|support|belong|join|close|closest|vote|voted|donat|campaign|lean|trust|prefer|sympath|identif|like best|feel closest)* (?:\w+ ){0,4}?part(?:y|ies)
        (?:which|what) part(?:y|ies)|part(?:y|ies) (?:do|does|did|would|should) (?:you|they|he|she|the)
        vot(?:e|es|ed|er|ers|ing)|non ?voter*|ballot*|turnout|referend*|elect(?:ion|ions|oral|orate|oral roll|ed)*|polling (?:station|place|day)|electioneer*|exit poll*
        partisan*|protest(?:s|ed|er|ers|ing|or|ors)?|opposition*|dissident*|activis[tm]*|regime|coup|revolution*|demonstrators?|uprising
        (?:join|took part|take part|taken part|taking part|particip|attend|been|went|go|organi[sz])* (?:in |to |at )?(?:\w+ ){0,2}?(?:rally|rallies|demonstrations?|marches|pickets?|riots?|sit ins?)
        (?:sign|signed|signing) (?:\w+ ){0,3}?petitions?|petitions? (?:against|for|to the)*
        campaign* ~ candidates?|candidates? ~ (?:campaign|vote|support|prefer|elect|donat)*|(?:your|which|what|favou?rite) candidates?
        left (?:to |or |versus |vs )?right (?:scale|wing|position|self|plac|polit|ideolog)*|left wing*|right wing*|far (?:left|right)|from left to right
        liberals?|communis[tm]*|fascis[tm]*|socialis[tm]*|democrats?|republicans?|nationalis[tm]*|leftist*|marxis*|anarchis*|monarchis*|ideolog*|conservative or|tories|tory
        (?:support|justif|opinion|opinions|think|attitude|agree|view|oppos|approv)* ~ (?:the |this )(?:war|invasion|special (?:military )?operation|annexation|mobili[sz]ation)|(?:war|invasion|annexation|special military operation) (?:is|was|were) (?:\w+ )?(?:justif|right|wrong|necessar)*|special military operation
        foreign agents?|civic activism|trust in (?:government|state|authorities|institutions)
        """,
        rf"{_JUDGED} (?:\w+ ){{0,4}}?{_POWER}|{_POWER} (?:s )?(?:\w+ ){{0,2}}?(?:approv\w*|performance|popularity|rating|work|policy|policies|doing|course)",
        rf"(?:support|back|supports|supporting|supporter of|for or against|against) (?:(?:the|your|our|this|current|local|national|federal|your country s) ){{0,3}}{_POWER}(?! (?:programme|program|benefit|aid|help|payment|scheme))",
        """
        политич*|политик*|партийн*|беспартийн*|однопартийц*|партайгеноссе
        член* (?:\\w+ )?парти[яией]*|(?:какую|какой|какая|какие|правящ|люб|за)* (?:\\w+ )?парти[яюией]{1,2}|парти[яюией]{1,2} (?:власти|за|голос|поддерж|нрав|симпат)*|(?:состо|вступ|поддерж|голос|симпат|довер)* ~ парти[яиюей]{1,2}|парти(?:ю|и|я|ей|ям|ях)
        голосова(?:л|ть|н|ли|ла)*|проголос*|голосу(?:е|ю)*|избирател*|избирательн*|избирком*|бюллетен*|референдум*|явк[аиу] (?:на|избир)*|явка
        на (?:\\w+ )?выборах|выборы|выборов|выборам|на выборы|праймериз
        митинг*|пикет*|оппозици*|демонстраци[яюией]*|протест(?!ант)*|петици*|иноагент*|иностранн* агент*|активист*|майдан*|революци*
        един(?:ой|ую|ая|ороссы) росси*|единоросс*|кпрф|лдпр|справедлив* росси*|яблочник*|нов* людей|фбк
        специальн* военн* операц*|спецопераци*|(?:поддержива|относит|отношен|одобря|оправд|думае|мнени)* ~ (?:войн|сво\\b|спецопер|мобилизац|крым|донбас|санкци)*
        либерал*|коммунист*|консерватор*|монархист*|националист*|фашист*|левые взгляд*|прав* взгляд*|идеологи*
        partiya|partiyn*|golosovan*|golosoval*|politich*|vybory|miting*
        """,
        rf"(?:отно(?:с|ш)|одобр|поддерж|нрав|люб|уваж|верите|ругае|думае|мнени|оцен|устраива|критик|недоволь|довол|рейтинг|взгляд|претензи|симпат|выступа)\w* (?:\w+ ){{0,4}}?{_POWER_RU}",
        rf"{_POWER_RU} (?:\w+ ){{0,3}}?(?:одобр|поддерж|мнени|оцен|устраива|критик|отношени|рейтинг|довери)\w*",
        r"(?:работ|деятельност|курс|решени)\w* (?:\w+ )?(?:правительств|президент|губернатор|мэр|власт)\w*",
        r"""
        (?:right|wrong) direction|head of state|heads of state|democrac*|undemocratic|dictator*|autocra*|tyran*|boycott*|re ?elect*|(?:whom|who) would you (?:choose|elect|vote)|campaign (?:badge|sticker|poster|volunteer|donat|rally|event|contrib|activ)*
        (?:contact|contacted|met|written to|wrote to) (?:\w+ ){0,2}?(?:politician|deputy|mp|senator|councillor)s?|navalny|putin*|trump|biden|lukashenko|erdogan|orban|zelensk*|maduro|netanyahu|kremlin|white house
        (?:pro|anti) (?:government|govt|gov|russia|russian|western|ukrain|putin|war|regime|state|establishment|president)*|(?:pol|polit) (?:view|interest|att|opin|affil|part|lean|act|ident|party)*|civil disobedience|free speech|censorship|freedom of speech|independent media|human chain
        (?:govt|government|gov|president|mayor|parliament) (?:trust|support|approval|rating|opinion|satisf|view|critic)*|(?:country|things|state|nation) (?:\w+ )?(?:going|heading|moving|headed) (?:\w+ )?(?:in|the right|wrong)*
        (?:верно|правильно|туда) (?:ли )?(?:\w+ )?(?:идут дела|идет|движется)*|дела в стране|ситуаци* в стране|курс (?:страны|президента|власти)|страна (?:движ|идет|развив)*|(?:за|против) (?:или против )?(?:войны|власти|режима|президента|мобилизации)|войн[уыае] (?:с украин|в украин|на украин)*|демократи*|диктатур*|цензур*|свобод* слова|свобод* собрани*|демократ(?:ы|ам|ов)|кремл*|едина* росси*|агитаци*|агитир*|правозащит*
        """,
        r"""
        (?:join|attend|go on|went on|take part in|been on) (?:a |the |any )?(?:march|marches|rally)|march(?:es|ed)? (?:against|for|in support)|смен* власт*|смен* (?:правительств|режим)*|(?:хоте|нужн|жела|ожида)* (?:\w+ ){0,4}?(?:власт|перемен в стране)*|(?:unrest|strikes and protests)
        """,
    ),
    names=phrases(
        "=party|партия|ideology|left right|rally|opposition|president|mayor|government|власть|выборы|parties|petition",
        "парти[яиюе]|left right*|president*|(?:vote|voted|votes)*",
    ),
    stems=letters(
        "politic|partyvot|election|navaln|partymember|politicalview|партийност|политическ|voterid|opposit"
    ),
    innocent=phrases(
        r"(?:birthday|tea|dinner|parents?|school|christmas|new year|garden|house|wedding|farewell|children s|childrens|kids|third|other|holiday|summer|street|leaving)(?: s)? part(?:y|ies)",
        r"party (?:food|dress|clothes|for (?:your |the |a |children|child)\w*)|part(?:y|ies) (?:with|for) (?:your )?(?:friends|family|child\w*)",
        r"elected to (?:skip|eat)|vote of thanks|energy crisis policy|insurance polic(?:y|ies)|protest of|left or right (?:hand|leg|arm|eye|ear)",
        "парти[яюией]{1,2} (?:дров|угл|товар|продукт|лекарств|мук|помощ|зерн|топлив|посыл|семян|вещей)*|(?:перв|втор|нов|очередн|больш)* парти[яюией]{1,2} (?:дров|угл|товар|продукт|лекарств)*",
        "парти[яюией]{1,2} в (?:шахмат|шашк)*|голосов(?:ой|ая|ые|ых) (?:сообщ|звон|помощник)*|выборочн*|support system|heating system|water system|school (?:system|administration)",
        "демонстрац* (?:фильм|товар)*|мэри(?:я|и) (?:помог)*|government (?:support|help|assistance|benefits?|aid)",
    ),
    doubt=phrases(
        r"""
        government*|authorit(?:y|ies)|presidents?|mayors?|governors?|parliament|politburo|officials|volunteer* for ~ cause|civic engagement|community meetings?|rally|rallies|campaigns?|petitions?|military operation
        (?:watch|follow|read|listen)* (?:\w+ ){0,3}?news*|news channels?|which (?:newspaper|tv channel|news)*|current affairs|human rights
        """,
        _POWER_RU,
        "новост*|телеканал*|каналы|общественн* (?:деятельност|активност|движени)*|сво|войн[аыуе]|крым*|донбас*|днр|лнр",
    ),
)

_UNION = r"(?:(?:trade|labou?r|workers?|teachers?|miners?|nurses?|staff) ?(?:s )?unions?)"
_MEMBER = r"(?:member\w*|join\w*|belong\w*|dues|card|rep|reps|activ\w*|affiliat\w*|organi[sz]er|fees?|steward|leader|vote|density|id|status)"

UNION = Rule(
    "boundary.union",
    "trade-union membership",
    "Membership is a person's own affair and a protected one.",
    everywhere=phrases(
        rf"{_UNION}|unions? {_MEMBER}|(?:non ?)?unioni[sz]ed|unionism|(?:in|join\w*|belong\w* to|of|pay\w* to) (?:a|the|any|your) union",
        r"(?:took part|take part|taken part|taking part|participat\w*|been|go|went|gone|join\w*|support\w*|organi[sz]\w*)(?: \w+){0,3}? (?:strike|strikes|picket line\w*)",
        r"strike (?:participat|action|history|ballot|fund|activ)*|on strike|striking workers?|strikers?|shop stewards?|collective bargaining|work stoppage",
        "профсоюз*|профессиональн* союз*|забастов*|стачк*|бастова*|бастуе*|профком*|profsoyuz*|profsouz*|zabastov*|профвзнос*",
        r"""
        industrial action*|walk(?:ed)? ?outs?|organi[sz]ed labou?r|closed shop|picketing|work to rule|labou?r dispute*|labou?r organi[sz]er*|трудов* (?:спор|конфликт)*|итальянск* забаст*
        """,
        r"""
        unions?|picketed|picket*
        """,
    ),
    names=phrases("=unions?|strike|strikes|союз", "unions?"),
    stems=letters("tradeunion|unionmember|профсоюз|profsoyuz"),
    innocent=phrases(
        r"(?:credit|european|customs|civil|marital|consensual|cohabiting|soviet|western) unions?|(?:lightning|air|drone|missile) strikes?"
    ),
    excused=phrases(
        rf"{_UNION} (?:\w+ )?(?:help|helped|helps|give|gave|gives|pay|paid|provid|support|food|fund)\w*|(?:help|support|aid|food|money|assistance)\w* (?:\w+ )?(?:from|by) (?:\w+ ){{0,2}}?(?:{_UNION}|unions?)",
        "(?:помо|помощ|поддерж|продукт)* (?:\\w+ ){0,3}?профсоюз*|профсоюз* (?:\\w+ )?(?:помо|выдел|выплат|дал|поддерж)*",
    ),
    doubt=phrases(r"unions?|strikes?|профсоюз*|lay ?off dispute"),
)
