"""Giving a client a session package: by an admin (D6 to D8), or because he bought it (D17)."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import msgspec
from msgspec.structs import replace

from chalicelib.accounts.model import AccountNotFound
from chalicelib.accounts.service import Accounts
from chalicelib.assignments import by_hand, store
from chalicelib.assignments.by_hand import Numbers
from chalicelib.assignments.model import (
    Assignment,
    Cover,
    Participant,
    ParticipantRepeated,
    PaymentNotTold,
    Source,
)
from chalicelib.assignments.news import told
from chalicelib.assignments.sales import desk_entry, desk_sale
from chalicelib.assignments.views import AssignmentRequest, AssignmentView
from chalicelib.audit.service import prepare_record
from chalicelib.catalogue.checks import check_line, check_price, checked_money
from chalicelib.catalogue.service import Catalogue
from chalicelib.catalogue.session_package import SessionPackage, check_all_usable
from chalicelib.core.ids import new_id
from chalicelib.core.money import Money
from chalicelib.core.permissions import Role
from chalicelib.feed.model import NoticeKind
from chalicelib.orders.fulfilment import Delivery
from chalicelib.orders.lines import SALE_REPORTED
from chalicelib.orders.views import ParticipantRequest
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table.keys import Key
from chalicelib.table.operation import Answer, Decision, Effect, Operation, perform
from chalicelib.table.read import Loaded


class Assigning:
    """An assignment by an admin is one get, one batch read and one transaction."""

    def __init__(self, platforms: Platforms, accounts: Accounts, catalogue: Catalogue) -> None:
        self._platforms = platforms
        self._accounts = accounts
        self._catalogue = catalogue

    def assign(self, operation: Operation, account_id: str, request: AssignmentRequest) -> Answer:
        """Which package, how many sessions, which client (D7); it is active at once (D8).

        ``AccountNotFound``, ``PackageNotOnSale``, ``SessionsNotCovered``, ``PaymentNotTold``,
        ``ParticipantRepeated``, ``TextRefused``, ``PriceNotPositive``, ``UnknownCurrency``.
        """
        platform_id = operation.platform_id
        country = self._accounts.get(platform_id, account_id).country
        wanted = [
            self._platforms.key(platform_id),
            self._accounts.key(platform_id, account_id),
            *self.wanted_keys(platform_id, country, request.participants),
        ]

        def decide(loaded: Loaded) -> Decision:
            platform = self._platforms.load(loaded, platform_id)
            self._check_client(loaded, platform_id, account_id, "account_id")
            package = self._catalogue.session_package(
                loaded, platform_id, country, request.session_package_id
            )
            price = _price(request, package)
            assignment = assigned(
                platform,
                account_id,
                package,
                self.covers(loaded, platform_id, package),
                total=request.total_sessions,
                participants=self.participants(loaded, platform_id, request.participants),
                note=request.note,
            )
            return _given(operation, replace(assignment, price=price), package)

        return perform(operation, wanted, decide)

    def wanted_keys(self, platform_id: str, country: str, asked: Sequence[ParticipantRequest]) -> list[Key]:
        """What to read for ``covers`` and ``participants``."""
        named = [each.account_id for each in asked if each.account_id]
        return [
            self._catalogue.key(platform_id, country),
            *(self._accounts.key(platform_id, each) for each in named),
        ]

    def covers(self, loaded: Loaded, platform_id: str, package: SessionPackage) -> list[Cover]:
        """The covered services as they are published now, but for their long texts. ``PackageNotOnSale``."""
        published = partial(self._catalogue.appointment_package, loaded, platform_id, package.country)
        return [
            Cover(package=replace(published(service.package_id), description=""), count=service.count)
            for service in package.services
        ]

    def participants(
        self, loaded: Loaded, platform_id: str, asked: Sequence[ParticipantRequest]
    ) -> list[Participant]:
        """Who may come on it. ``ParticipantRepeated``, ``TextRefused``, ``AccountNotFound``."""
        found: list[Participant] = []
        for place, each in enumerate(asked):
            check_line(each.name, f"participants[{place}].name")
            participant = Participant(name=each.name.strip(), account_id=each.account_id)
            if any(participant.is_like(other) for other in found):
                raise ParticipantRepeated(field=f"participants[{place}]")
            if each.account_id is not None:
                field = f"participants[{place}].account_id"
                self._check_client(loaded, platform_id, each.account_id, field)
            found.append(participant)
        return found

    def _check_client(self, loaded: Loaded, platform_id: str, account_id: str, field: str) -> None:
        if self._accounts.load(loaded, platform_id, account_id).role is not Role.CUSTOMER:
            raise AccountNotFound(field=field)


def assigned(
    platform: Platform,
    customer_id: str,
    package: SessionPackage,
    covers: Sequence[Cover],
    *,
    total: int | None = None,
    participants: Sequence[Participant] = (),
    note: str = "",
) -> Assignment:
    """The client's own package, with a count that may differ from the definition's (D23)."""
    sessions = package.total_sessions if total is None else total
    check_all_usable(package.services, sessions)
    now = platform.now()
    return Assignment(
        id=new_id("asg"),
        platform_id=platform.id,
        customer_id=customer_id,
        source=Source.SESSION_PACKAGE,
        product_id=package.id,
        name=package.name,
        covers=list(covers),
        total=sessions,
        created_at=now,
        participants=list(participants),
        note=note,
        expires_at=now + timedelta(days=package.expires_after_days) if package.expires_after_days else None,
        sandbox=platform.sandbox,
    )


def _price(request: AssignmentRequest, package: SessionPackage) -> Money | None:
    """What was taken for it at the desk; ``None`` is on the house, where nothing was sold."""
    if request.on_the_house:
        if request.paid is not None:
            raise PaymentNotTold(field="paid")
        return None
    if request.paid is not None:
        price = checked_money(request.paid.amount, request.paid.currency, "paid")
        check_price(price, "paid")
        return price
    if package.price is None:
        raise PaymentNotTold(field="paid")
    return package.price


def _given(operation: Operation, assignment: Assignment, package: SessionPackage) -> Decision:
    """By an admin, so with an audit record; with its sale and its postings where it was paid for."""
    at, price, sold = assignment.created_at, assignment.price, Delivery()
    if price is not None:
        sale = desk_sale(assignment, price)
        assignment = replace(assignment, sale_id=sale.id)
        effect = Effect(kind=SALE_REPORTED, payload=msgspec.to_builtins(sale))
        sold = Delivery(writes=[store.posted(desk_entry(assignment, "assign", price, at))], effects=[effect])
    before: Numbers = {"total": package.total_sessions, "price": _shown(package.price)}
    after: Numbers = {"total": assignment.total, "price": _shown(price)}
    record = by_hand.record(operation, assignment, by_hand.GIVEN, assignment.note, before, after, at)
    return Decision(
        answer=AssignmentView.of(replace(assignment, version=1), at),
        writes=[*store.created(assignment), *sold.writes, prepare_record(record)],
        effects=[*sold.effects, *told(assignment, NoticeKind.PACKAGE_GIVEN, assignment.total, at)],
    )


def _shown(price: Money | None) -> str | None:
    return f"{price.amount} {price.currency}" if price else None
