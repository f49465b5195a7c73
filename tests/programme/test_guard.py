"""The boundary read over names and wording: labelled phrases in English and Russian."""

import pytest

from evenhand.errors import BoundaryError
from evenhand.programme.guard import ColumnUse, check_column, check_text, find_rule, is_paradata

REFUSED_NAMES = {
    "snils": "identity", "СНИЛС": "identity", "inn": "identity", "ИНН_заявителя": "identity",
    "passport_no": "identity", "PassportNumber": "identity", "номер_паспорта": "identity",
    "pasport": "identity", "national_id": "identity", "nationalIdNumber": "identity", "tax_number": "identity",
    "taxpayerID": "identity", "ssn": "identity", "social_security_number": "identity", "phone": "identity",
    "phonenumber": "identity", "mobile_number": "identity", "телефон": "identity", "номер телефона": "identity",
    "email": "identity", "last_name": "identity", "Фамилия": "identity", "ФИО": "identity",
    "date_of_birth": "identity", "дата_рождения": "identity", "iban": "identity", "contact/phone_1": "identity",
    "religion": "religion", "respondent_religion": "religion", "вероисповедание": "religion",
    "religiousGroup": "religion", "посещает_мечеть": "religion", "mosque": "religion",
    "ethnicity": "ethnicity", "ethnic_group": "ethnicity", "race": "ethnicity", "tribe": "ethnicity",
    "nationality": "ethnicity", "национальность": "ethnicity", "natsionalnost": "ethnicity",
    "caste": "ethnicity", "motherTongue": "ethnicity", "rеligion": "religion",  # with a Cyrillic е
    "political_party": "political", "party": "political", "voted_2024": "political", "голосование": "political",
    "партийность": "political", "union": "union", "union_member": "union", "профсоюз": "union",
    "tradeUnionMember": "union", "sexual_orientation": "sexual-life", "интимная_жизнь": "sexual-life",
    "loyalty": "loyalty", "лояльность": "loyalty", "social_rating": "loyalty", "trustworthiness": "loyalty",
    "police_record": "registers", "court_cases": "registers", "fines": "registers", "штрафы": "registers",
    "criminalRecord": "registers", "debt_register": "registers", "судимость": "registers",
    "credit_score": "registers", "полиция": "registers", "судебные_дела": "registers",
    "gps_lat": "location", "latitude": "location", "GPSLatitude": "location", "location": "location",
    "home_address": "location", "address": "location", "адрес": "location", "deviceid": "location",
    "device_id": "location", "ip": "location", "ip_address": "location", "IPaddress": "location",
    "imei": "location", "postcode": "location", "координаты": "location", "широта": "location",
    "id": "record-id", "respondent_id": "record-id", "uuid": "record-id", "household_id": "record-id",
    "hhid": "record-id", "cluster": "record-id", "psu": "record-id", "номер_анкеты": "record-id",
}  # fmt: skip

ALLOWED_NAMES = (
    "gender", "sex", "age", "age_group", "urbanrural", "UrbanRural", "region", "district", "area", "oblast",
    "district_id", "region_name", "education", "weight", "wt", "WORRIED", "HEALTHY", "Q1", "q_12a", "terrace",
    "united", "household_size", "has_phone", "afford_phone", "phone_bill", "internet", "borrowed", "arrears",
    "rent_arrears", "in_debt", "debtor", "credit_union_savings", "courtyard", "wealth_index", "marital_status",
    "language", "employment", "пол", "возраст", "район", "область", "образование", "посуда", "судьба",
    "посудомоечная_машина", "отопление", "долги_за_квартиру", "вода", "name_of_district", "template",
    "month", "income_source", "disability", "trace_of_mould", "partial", "finest",
)  # fmt: skip

REFUSED_WORDING = {
    "What is your religion?": "religion",
    "How often do you go to church?": "religion",
    "Какую веру и вероисповедание Вы исповедуете?": "religion",
    "Which ethnic group do you belong to?": "ethnicity",
    "Какая у Вас национальность?": "ethnicity",
    "What is your mother tongue?": "ethnicity",
    "Did you vote in the last election?": "political",
    "Вы голосовали на прошлых выборах?": "political",
    "Are you a member of a trade union?": "union",
    "Состоите ли Вы в профсоюзе?": "union",
    "How satisfied are you with your sex life?": "sexual-life",
    "Расскажите о Вашей сексуальной жизни": "sexual-life",
    "Do you trust the government?": "loyalty",
    "Поддерживаете ли Вы президента?": "loyalty",
    "Have you paid a fine in the past year?": "registers",
    "Were you ever arrested or convicted?": "registers",
    "Обращалась ли к Вам полиция?": "registers",
    "Были ли Вы судимы?": "registers",
    "Есть ли Вы в реестре должников?": "registers",
    "Are you on a register of debtors?": "registers",
    "Please give your phone number": "identity",
    "Укажите номер Вашего СНИЛС": "identity",
    "Введите номер паспорта": "identity",
    "Where do you live? Give your home address.": "location",
    "Какой у Вас домашний адрес?": "location",
    "Share your location, please": "location",
}

ALLOWED_WORDING = (
    "We borrowed money or are behind with rent.",
    "Are you behind with rent, or with loan payments?",
    "Do you have debts that you cannot pay back?",
    "Can you afford a phone and the internet?",
    "Do you own a mobile phone? No or yes",
    "Could you hold a birthday party for your child?",
    "Is there crime or vandalism where you live?",
    "Do you have savings in a credit union?",
    "Do you feel fine most days?",
    "Is your home on a terrace dry?",
    "Do you have a courtyard with light?",
    "In which district do you live?",
    "What is your age and gender?",
    "Есть ли у Вас дома телефон и интернет?",
    "Приходилось ли Вам брать деньги в долг на еду?",
    "Задерживали ли Вы плату за жильё?",
    "Хватает ли Вам посуды и мебели?",
    "Обращались ли Вы за адресной помощью?",
    "Каков Ваш выбор: да или нет?",
    "Можете ли Вы купить подарки детям на Новый год?",
    "Сколько Вам лет?",
    "Есть ли у Вас сосуд для воды?",
)


@pytest.mark.parametrize(("name", "rule"), REFUSED_NAMES.items())
def test_refuses_the_name_as_a_group_and_says_which_rule(name: str, rule: str) -> None:
    with pytest.raises(BoundaryError) as caught:
        check_column(name, "group")
    assert caught.value.code == f"boundary.{rule}"
    assert caught.value.where
    assert caught.value.why
    assert caught.value.mend


@pytest.mark.parametrize("name", ALLOWED_NAMES)
@pytest.mark.parametrize("use", ["item", "group", "weights", "cluster"])
def test_allows_the_name(name: str, use: ColumnUse) -> None:
    check_column(name, use)


@pytest.mark.parametrize(("text", "rule"), REFUSED_WORDING.items())
def test_refuses_the_wording_with_its_place(text: str, rule: str) -> None:
    with pytest.raises(BoundaryError) as caught:
        check_text(text, where="form.yaml, line 3")
    assert caught.value.code == f"boundary.{rule}"
    assert caught.value.where == "form.yaml, line 3"


@pytest.mark.parametrize("text", ALLOWED_WORDING)
def test_allows_the_wording(text: str) -> None:
    found = find_rule(text, kind="wording")
    assert found is None, found


@pytest.mark.parametrize("name", ["cluster", "psu", "hhid", "HHID", "household_id", "ea", "cluster_id", "кластер"])
def test_a_sampling_cluster_may_be_a_cluster_and_nothing_else(name: str) -> None:
    check_column(name, "cluster")
    for use in ("group", "weights", "item"):
        with pytest.raises(BoundaryError, match=r"boundary\.record-id"):
            check_column(name, use)


@pytest.mark.parametrize("name", ["respondent_id", "passport", "snils", "phone_number", "gps"])
def test_a_person_is_no_cluster(name: str) -> None:
    with pytest.raises(BoundaryError):
        check_column(name, "cluster")


@pytest.mark.parametrize(
    "name",
    [
        "_id",
        "_submission_time",
        "start",
        "end",
        "today",
        "deviceid",
        "meta/instanceID",
        "formhub/uuid",
        "simserial",
        "grp/geopoint",
        "audit",
        "photo_1",
        "image_URL",
        "username",
        "_geolocation",
        "subscriberid",
    ],
)
def test_knows_paradata(name: str) -> None:
    assert is_paradata(name)


@pytest.mark.parametrize("name", ["WORRIED", "grp/Q1", "startup_cost", "weekend", "geographic_zone", "imagine"])
def test_does_not_take_answers_for_paradata(name: str) -> None:
    assert not is_paradata(name)


@pytest.mark.parametrize("use", ["item", "group", "weights", "cluster"])
def test_paradata_is_refused_even_when_asked_for(use: ColumnUse) -> None:
    with pytest.raises(BoundaryError, match=r"boundary\.paradata"):
        check_column("start", use)


def test_a_weight_may_begin_with_an_underscore_but_a_group_may_not() -> None:
    check_column("_weight", "weights")
    with pytest.raises(BoundaryError, match=r"boundary\.paradata"):
        check_column("_region", "group")


def test_reads_through_invisible_letters_and_camel_case() -> None:
    with pytest.raises(BoundaryError, match=r"boundary\.religion"):
        check_text("What is your re\u200bligion?", where="x")
