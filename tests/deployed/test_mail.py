"""Mails on the running stack: a booking and a paid order are told, to each reader in his language."""

import json
import time
from typing import Any

import pytest

from infra.local.people import Person
from infra.local.running import RunningStack
from tests.deployed.mailbox import mails_about
from tests.deployed.tenants import Tenant

PLATFORM = "mail-tests"


@pytest.fixture(scope="module")
def tenant(stack: RunningStack) -> Tenant:
    return Tenant.create(stack, PLATFORM)


@pytest.fixture(scope="module")
def told(tenant: Tenant) -> dict[str, Any]:
    """A reader of Persian has paid for credits and booked an expert who reads Turkish."""
    customer, expert = tenant.add("customer", "Navid", locale="fa"), tenant.add_expert("Elif")
    credit_package, appointment_package = tenant.publish()
    order = tenant.pay(customer, credit_package)
    booking = tenant.book(customer, expert, appointment_package)
    return {"customer": customer, "expert": expert, "order": order, "booking": booking}


def mail_to(stack: RunningStack, person: Person, about: str) -> dict[str, Any]:
    """The one mail to somebody that names a thing; it may take a moment to come."""
    deadline = time.monotonic() + 60
    while True:
        found = [mail for mail in mails_about(stack, about) if mail["To"] == [person.email]]
        if found:
            (mail,) = found
            return mail
        assert time.monotonic() < deadline, f"no mail to {person.email} about {about}"
        time.sleep(0.5)


def test_who_paid_reads_that_he_has_his_credits(stack: RunningStack, told: dict[str, Any]) -> None:
    mail = mail_to(stack, told["customer"], told["order"]["id"])
    assert mail["Source"] == "no-reply@seans.localhost"
    assert mail["Subject"] == f"اعتبار در حساب شماست – {PLATFORM}"
    assert "۱۴۹٫۰۰\N{NO-BREAK SPACE}TRY" in mail["BodyText"]
    assert mail["BodyHtml"].startswith('<!doctype html><html lang="fa" dir="rtl">')


def test_who_booked_reads_when_and_with_whom(stack: RunningStack, told: dict[str, Any]) -> None:
    mail = mail_to(stack, told["customer"], told["booking"]["id"])
    assert mail["Subject"].startswith("نوبت شما تأیید شد: ")
    assert "Elif" in mail["BodyText"]
    assert "Europe/Istanbul (UTC+03:00)" in mail["BodyText"]


def test_an_expert_reads_who_booked_him(stack: RunningStack, told: dict[str, Any]) -> None:
    mail = mail_to(stack, told["expert"], told["booking"]["id"])
    assert mail["Subject"].startswith("Yeni randevu: ")
    assert "Kullanıcı: Navid\n" in mail["BodyText"]
    assert "Europe/Istanbul (UTC+03:00)" in mail["BodyText"]


def test_the_outbox_has_nothing_left_and_no_receipt_names_a_person(
    tenant: Tenant, told: dict[str, Any]
) -> None:
    tenant.settle()
    receipts = [json.dumps(item) for item in tenant._own() if item["entity"]["S"] == "receipt"]
    mailed = [receipt for receipt in receipts if "mail." in receipt]
    assert len(mailed) == 2
    assert not [receipt for receipt in mailed if "example.com" in receipt or "Navid" in receipt]
