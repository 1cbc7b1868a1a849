"""The mails themselves: what each tells in each language, which way it runs, and what nobody smuggles in."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.accounts.model import Account, AccountState, Locale
from chalicelib.booking.model import Booking, Told
from chalicelib.calendar.zones import zone_of
from chalicelib.catalogue.model import AppointmentPackage, AppointmentType, HowItEnds, Service, WhenItEnds
from chalicelib.core.mail import Mail
from chalicelib.core.money import Money
from chalicelib.core.permissions import Role
from chalicelib.notices.letters import of_series, to_buyer, to_customer, to_expert
from chalicelib.notices.model import Appointment
from chalicelib.notices.texts import MONTHS, TEXTS, WEEKDAYS
from chalicelib.orders.lines import PaymentType, ProductType, Sale, SalePart, SaleType
from chalicelib.orders.model import Order, OrderState
from chalicelib.platforms.model import Platform

TR, FA, EN = Locale.TURKISH, Locale.PERSIAN, Locale.ENGLISH
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
PLATFORM = Platform(id="studio", name="Stüdyo", created_at=NOW)


def account(name: str, locale: Locale, role: Role = Role.CUSTOMER) -> Account:
    return Account(
        id="ada",
        platform_id="studio",
        role=role,
        state=AccountState.ACTIVE,
        email="ada@example.com",
        name=name,
        country="TR",
        locale=locale,
        created_at=NOW,
    )


def package(**fields: Any) -> AppointmentPackage:
    video = AppointmentPackage(
        id="apk_1",
        title="Görüşme",
        description="",
        appointment_type=AppointmentType.ONLINE,
        service=Service.VIDEO,
        duration_minutes=50,
        break_minutes=10,
        fee=None,
        credits=1_250,
        sessions=1,
        country="TR",
        currency="TRY",
        listing_order=0,
        how_it_ends=HowItEnds.AUTOMATIC,
        when_it_ends=WhenItEnds.SCHEDULED_END,
        expert_ids=[],
    )
    return replace(video, **fields)


def sale() -> Sale:
    parts = [(PaymentType.GIFT, 250), (PaymentType.CREDIT, 1_000)]
    return Sale(
        id="sal_1",
        platform_id="studio",
        sold_at=NOW,
        product_type=ProductType.APPOINTMENT,
        product_id="apk_1",
        product_name="Görüşme",
        quantity=1,
        customer_id="ada",
        expert_id="elif",
        sale_type=SaleType.CREDIT,
        parts=[SalePart(payment_type=kind, amount=amount, unit="credit") for kind, amount in parts],
        share_basis_points=0,
        country="TR",
    )


def appointment(
    locale: Locale = TR,
    *,
    name: str = "Ada",
    expert: str = "Elif",
    platform: Platform = PLATFORM,
    **fields: Any,
) -> Appointment:
    booking = Booking(
        id="bkg_1",
        platform_id="studio",
        customer_id="ada",
        expert_id="elif",
        package=package(),
        starts_at=START,
        ends_at=START + timedelta(minutes=50),
        paid_with="credits",
        created_at=NOW,
        sale=sale(),
    )
    return Appointment(
        booking=replace(booking, **fields),
        customer=account(name, locale),
        expert=account(expert, locale, Role.EXPERT),
        platform=platform,
        zone=zone_of("Europe/Istanbul"),
    )


def order(name: str = "500 Kredi") -> Order:
    return Order(
        id="ord_1",
        platform_id="studio",
        customer_id="ada",
        locale="tr",
        state=OrderState.PAID,
        product_kind="credit_package",
        product={"id": "cpk_1", "name": name},
        price=Money(149_000, "TRY"),
        country="TR",
        provider="stripe",
        created_at=NOW,
        paid_at=NOW,
    )


def all_mails(locale: Locale, **fields: Any) -> list[Mail]:
    found = appointment(locale, **fields)
    return [to_customer(found), to_expert(found), to_buyer(order(), 500, found.customer, found.platform)]


def test_a_customer_reads_of_his_appointment_in_turkish() -> None:
    mail = to_customer(appointment(TR))
    assert mail.to == "ada@example.com"
    assert mail.subject == "Randevunuz onaylandı: 23 Kasım 2026 Pazartesi, 10:00 – Stüdyo"
    assert mail.text.splitlines() == [
        "Merhaba Ada,",
        "",
        "Randevunuz onaylandı.",
        "",
        "Randevu: Görüşme",
        "Uzman: Elif",
        "Başlangıç: 23 Kasım 2026 Pazartesi, 10:00",
        "Saat dilimi: Europe/Istanbul (UTC+03:00)",
        "Süre: 50 dakika",
        "Görüşme: Görüntülü",
        "Kredi: 1.250",
        "Rezervasyon no: bkg_1",
        "",
        "Stüdyo",
    ]


def test_an_expert_reads_who_booked_him_and_nothing_of_what_was_paid() -> None:
    mail = to_expert(appointment(EN))
    assert mail.subject == "New appointment: Monday, 23 November 2026, 10:00 – Stüdyo"
    assert "User: Ada" in mail.text
    assert "Start: Monday, 23 November 2026, 10:00" in mail.text
    assert "1,250" not in mail.text
    assert "Credits" not in mail.text


def test_a_persian_reader_has_his_letters_digits_and_calendar() -> None:
    mail = to_customer(appointment(FA, name="نوید"))
    assert mail.subject == "نوبت شما تأیید شد: دوشنبه ۲ آذر ۱۴۰۵، ساعت ۱۰:۰۰ – Stüdyo"
    assert mail.text.startswith("سلام نوید،\n")
    assert "مدت: \u2068۵۰ دقیقه\u2069" in mail.text
    assert "اعتبار: \u2068۱٬۲۵۰\u2069" in mail.text
    assert "متخصص: \u2068Elif\u2069" in mail.text


def test_a_buyer_reads_what_he_paid_and_what_he_has() -> None:
    mail = to_buyer(order(), 500, account("Ada", EN), PLATFORM)
    assert mail.subject == "Your credits are in your account – Stüdyo"
    assert "Package: 500 Kredi\nCredits: 500\nPaid: 1,490.00\N{NO-BREAK SPACE}TRY\n" in mail.text
    assert "Date: Sunday, 22 November 2026, 09:00\nTime zone: UTC\nOrder ID: ord_1\n" in mail.text


def paid(*parts: tuple[PaymentType, int, str]) -> Sale:
    """A sale of these parts."""
    return replace(
        sale(), parts=[SalePart(payment_type=kind, amount=n, unit=unit) for kind, n, unit in parts]
    )


CARD = (PaymentType.CARD, 14_900, "TRY")
PAYMENTS: dict[str, dict[str, Any]] = {
    "card": {"paid_with": "card", "sale": paid(CARD)},
    "whole": {"paid_with": "card", "sale": paid((PaymentType.CARD, 149_000, "IRR"))},
    "mixed": {
        "paid_with": "mixed",
        "sale": paid(
            (PaymentType.GIFT, 20, "credit"),
            (PaymentType.CREDIT, 30, "credit"),
            (PaymentType.CARD, 7_450, "TRY"),
        ),
    },
    "credits": {},
    "assignment": {"paid_with": "assignment", "sale": None, "assignment_id": "asg_1"},
    "on_the_house": {"paid_with": "on_the_house", "sale": None},
}


@pytest.mark.parametrize(
    ("payment", "locale", "shown"),
    [
        ("card", TR, ["Ödenen: 149,00 TRY"]),
        ("card", FA, ["مبلغ پرداخت‌شده: ۱۴۹٫۰۰ TRY"]),
        ("card", EN, ["Paid: 149.00 TRY"]),
        ("whole", TR, ["Ödenen: 149.000 IRR"]),
        ("whole", FA, ["مبلغ پرداخت‌شده: ۱۴۹٬۰۰۰ IRR (۱۴٬۹۰۰ تومان)"]),
        ("whole", EN, ["Paid: 149,000 IRR"]),
        ("mixed", TR, ["Kredi: 50", "Ödenen: 74,50 TRY"]),
        ("mixed", FA, ["اعتبار: ۵۰", "مبلغ پرداخت‌شده: ۷۴٫۵۰ TRY"]),
        ("mixed", EN, ["Credits: 50", "Paid: 74.50 TRY"]),
        ("credits", TR, ["Kredi: 1.250"]),
        ("credits", FA, ["اعتبار: ۱٬۲۵۰"]),
        ("credits", EN, ["Credits: 1,250"]),
        ("assignment", TR, ["Ödeme: Daha önce alınan paketten bir seans"]),
        ("assignment", FA, ["پرداخت: یک جلسه از بسته‌ای که پیش‌تر خریده شده"]),
        ("assignment", EN, ["Payment: One session of a package bought before"]),
        ("on_the_house", TR, ["Ödeme: Ücretsiz, ikramımız"]),
        ("on_the_house", FA, ["پرداخت: رایگان، مهمان ما"]),
        ("on_the_house", EN, ["Payment: On the house"]),
    ],
)
def test_a_customer_reads_what_he_paid_in_each_unit(payment: str, locale: Locale, shown: list[str]) -> None:
    mail = to_customer(appointment(locale, **PAYMENTS[payment]))
    lines = re.sub("[\u2068\u2069]", "", mail.text).replace("\N{NO-BREAK SPACE}", " ").splitlines()
    labels = tuple(f"{TEXTS[locale][name]}:" for name in ("credits", "paid", "payment"))
    assert [line for line in lines if line.startswith(labels)] == shown


@pytest.mark.parametrize(
    ("locale", "shown"),
    [(EN, "Session 2 of 6"), (TR, "Seans 2 / 6"), (FA, "جلسهٔ ۲ از ۶")],
)
def test_a_mail_says_which_session_of_the_package_it_is(locale: Locale, shown: str) -> None:
    of_six = {"sale": None, "paid_with": "assignment", "assignment_id": "asg_1", "ordinal": 2, "total": 6}
    for letter in (to_customer, to_expert):
        mail = letter(appointment(locale, participant="Zeynep", **of_six))
        assert shown in mail.text
        assert "Zeynep" in mail.text
    assert "Session 1" not in to_customer(appointment(EN, ordinal=1, total=1)).text


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        (EN, ["Session: Session 2 of 6", "Session: Session 3 of 6"]),
        (TR, ["Seans: Seans 2 / 6", "Seans: Seans 3 / 6"]),
        (FA, ["جلسه: جلسهٔ ۲ از ۶", "جلسه: جلسهٔ ۳ از ۶"]),
    ],
)
@pytest.mark.parametrize("to", [Told.CUSTOMER, Told.EXPERT])
def test_the_mail_of_a_series_says_it_of_each(locale: Locale, shown: list[str], to: Told) -> None:
    first = appointment(locale, paid_with="assignment", sale=None, ordinal=2, total=6)
    later = START + timedelta(days=7)
    second = replace(first.booking, starts_at=later, ends_at=later + timedelta(minutes=50), ordinal=3)
    text = re.sub("[\u2068\u2069]", "", of_series(first, [first.booking, second], to).text)
    label = f"{TEXTS[locale]['session']}:"
    assert [line for line in text.splitlines() if line.startswith(label)] == shown


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"service": Service.AUDIO}, "Audio"),
        ({"service": Service.PHONE}, "Phone"),
        ({"service": None, "appointment_type": AppointmentType.FACE_TO_FACE}, "In person"),
    ],
)
def test_how_they_meet_is_told(fields: dict[str, Any], shown: str) -> None:
    assert f"Meeting: {shown}\n" in to_customer(appointment(EN, package=package(**fields))).text


@pytest.mark.parametrize(("locale", "direction"), [(TR, "ltr"), (FA, "rtl"), (EN, "ltr")])
def test_the_html_says_its_language_and_which_way_it_runs(locale: Locale, direction: str) -> None:
    for mail in all_mails(locale):
        assert mail.html.startswith(f'<!doctype html><html lang="{locale}" dir="{direction}">')
        assert f'<body><div dir="{direction}"' in mail.html


@pytest.mark.parametrize("locale", list(Locale))
def test_the_html_says_what_the_text_says(locale: Locale) -> None:
    for mail in all_mails(locale):
        words = Words()
        words.feed(mail.html)
        text = re.sub("[\u2068\u2069]", "", mail.text)
        assert [word for word in words.found if word not in text] == []
        assert len(words.found) >= 12


@pytest.mark.parametrize("locale", list(Locale))
def test_direction_marks_are_in_persian_texts_only_and_in_no_subject(locale: Locale) -> None:
    for mail in all_mails(locale):
        assert ("\u2068" in mail.text) is (locale is FA)
        assert mail.text.count("\u2068") == mail.text.count("\u2069")
        assert not re.search("[\u2066-\u2069]", mail.subject + mail.html)


BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x00"]


@pytest.mark.parametrize("line_break", BREAKS)
@pytest.mark.parametrize("locale", list(Locale))
def test_no_name_makes_a_header_or_a_line(locale: Locale, line_break: str) -> None:
    evil = f"Eve{line_break}Bcc: everybody@example.com"
    clean = [(len(mail.subject.splitlines()), len(mail.text.splitlines())) for mail in all_mails(locale)]
    mails = all_mails(locale, name=evil, expert=evil, platform=replace(PLATFORM, name=evil))
    assert [(len(mail.subject.splitlines()), len(mail.text.splitlines())) for mail in mails] == clean
    assert all(mail.to == "ada@example.com" for mail in mails)
    assert all(not re.search("[\x00-\x1f\x7f-\x9f]", mail.subject) for mail in mails)


def test_the_name_of_what_was_bought_is_one_line_too() -> None:
    bought = to_buyer(order("500\nPaid: nothing"), 500, account("Ada", EN), PLATFORM)
    assert "Package: 500 Paid: nothing\n" in bought.text


def test_a_name_turns_no_text_round() -> None:
    mail = to_customer(appointment(FA, name="\u202eada\u2069\u2066"))
    assert not re.search("[\u202a-\u202e\u2066\u2067]", mail.subject + mail.text + mail.html)


def test_a_persian_name_keeps_its_joiners() -> None:
    assert "علی‌رضا" in to_customer(appointment(FA, name="علی‌رضا")).text


def test_html_of_others_is_shown_and_not_obeyed() -> None:
    evil = "<img src=x onerror=\"alert('&')\">{0}{name.x}"
    for mail in all_mails(EN, name=evil, expert=evil, platform=replace(PLATFORM, name=evil)):
        assert "<img" not in mail.html
        assert (
            "<bdi>&lt;img src=x onerror=&quot;alert(&#x27;&amp;&#x27;)&quot;&gt;{0}{name.x}</bdi>"
            in mail.html
        )
        assert evil in mail.text


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@example.com,eve@example.com",
        "ada@example.com\nBcc: eve@example.com",
        "<ada@example.com>",
    ],
)
def test_a_mail_goes_to_one_address(address: str) -> None:
    with pytest.raises(ValueError, match="one address"):
        Mail(to=address, subject="", text="", html="")


@pytest.mark.parametrize("line_break", BREAKS)
def test_a_subject_is_one_line(line_break: str) -> None:
    with pytest.raises(ValueError, match="one line") as refused:
        Mail(to="ada@example.com", subject=f"Hello{line_break}Bcc: eve", text="", html="")
    assert "eve" not in str(refused.value)


def test_every_language_has_every_word_and_the_same_places_to_fill() -> None:
    places = {
        locale: {name: sorted(re.findall(r"{(\w+)}", text)) for name, text in words.items()}
        for locale, words in TEXTS.items()
    }
    assert set(places) == set(Locale)
    assert places[TR] == places[FA] == places[EN]
    assert all(len(set(MONTHS[locale])) == 12 and len(set(WEEKDAYS[locale])) == 7 for locale in Locale)


def test_persian_is_written_in_persian_letters() -> None:
    """Arabic's yeh and kaf look alike and are found by no search."""
    everything = "".join([*TEXTS[FA].values(), *MONTHS[FA], *WEEKDAYS[FA]])
    assert not re.search("[يك٠-٩]", everything)


class Words(HTMLParser):
    """The texts of a page, between its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found += [data.strip()] if data.strip() else []
