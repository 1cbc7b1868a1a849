"""A platform with one customer and one package, and what a test does in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

from chalicelib.accounts import store as account_store
from chalicelib.accounts.model import Account, AccountState, Locale
from chalicelib.accounts.service import Accounts
from chalicelib.adapters.identity import CognitoIdentity
from chalicelib.catalogue import store as catalogue_store
from chalicelib.catalogue.model import CataloguePage, CreditPackage
from chalicelib.catalogue.service import Catalogue
from chalicelib.core.actor import Actor, system
from chalicelib.core.money import Money
from chalicelib.core.payments import Payment, PaymentPage, Signal
from chalicelib.core.permissions import Role
from chalicelib.orders import store
from chalicelib.orders.checkout import Checkout
from chalicelib.orders.credit_packages import CreditFulfilment
from chalicelib.orders.fulfilment import Fulfilment
from chalicelib.orders.giving_back import Refunds
from chalicelib.orders.model import Order, ProductKind
from chalicelib.orders.phone_balance import PhoneBalanceFulfilment
from chalicelib.orders.providers import PaymentProviders
from chalicelib.orders.service import Orders
from chalicelib.orders.settlement import Settlements
from chalicelib.orders.views import OrderRequest, OrderView, RefundRequest
from chalicelib.orders.webhooks import Handled, Webhooks
from chalicelib.platforms.model import LatePayment, PlatformSettings
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Answer, Operation, Receipt, ReceiptItem, by_system
from chalicelib.telephony.service import Phones
from chalicelib.wallet.ledger import LedgerTransaction
from chalicelib.wallet.model import Wallet
from chalicelib.wallet.service import Wallets
from tests.store.orders.fake_provider import FakeProvider
from tests.store.orders.parcels import ParcelFulfilment

PLATFORM = "acme"
CUSTOMER = Actor(id="customer-1", platform_id=PLATFORM, roles=frozenset({Role.CUSTOMER}), country="TR")
STRANGER = Actor(id="customer-2", platform_id=PLATFORM, roles=frozenset({Role.CUSTOMER}), country="TR")
ADMIN = Actor(id="admin-1", platform_id=PLATFORM, roles=frozenset({Role.ADMIN}))
SIGNED = {"stripe-signature": "good"}


def package(package_id: str = "cpk_500", price: Money | None = None, country: str = "TR") -> CreditPackage:
    return CreditPackage(
        id=package_id,
        name="500 Kredi",
        credits=500,
        price=price or Money(149_000, "TRY"),
        country=country,
        short_info="",
        listing_order=1,
    )


@dataclass
class Shop:
    """The services of orders over the table, with a provider that the test plays."""

    provider: Any = field(default_factory=FakeProvider)
    sandbox: bool = False
    return_url: str | None = None
    late_payment: LatePayment = LatePayment.REFUND

    def __post_init__(self) -> None:
        self.platforms, self.wallets = Platforms(), Wallets()
        providers = PaymentProviders({self.provider.name: lambda: self.provider}, lambda *_: True)
        accounts = Accounts(self.platforms, CognitoIdentity())
        phones = Phones(accounts)
        catalogue = Catalogue(self.platforms, lambda: phones)
        fulfilments: dict[str, Fulfilment] = {
            ProductKind.CREDIT_PACKAGE: CreditFulfilment(catalogue, self.wallets),
            ProductKind.APPOINTMENT_PACKAGE: ParcelFulfilment(),
            ProductKind.PHONE_BALANCE: PhoneBalanceFulfilment(phones),
        }
        self.fulfilments = fulfilments
        settlements = self.settlements = Settlements(self.platforms, providers, fulfilments)
        self.checkout = Checkout(self.platforms, accounts, providers, settlements, fulfilments)
        self.orders = Orders(self.platforms, settlements)
        self.refunds = Refunds(self.platforms, providers, settlements)
        self.webhooks = Webhooks(self.platforms, providers, settlements)

    def open(self) -> "Shop":
        self.platforms.create(
            by_system(system(PLATFORM), "create", PLATFORM),
            "Acme",
            sandbox=self.sandbox,
            settings=PlatformSettings(return_url=self.return_url, late_payment=self.late_payment),
        )
        kwd = package("cpk_kwd", Money(5_125, "KWD"))
        rial = package("cpk_irr", Money(1_000_000, "IRR"))
        self.publish("TR", [package(), kwd, rial])
        self.publish("DE", [package("cpk_de", Money(4_900, "EUR"), "DE")])
        transact.commit([account_store.saved(account(CUSTOMER))], "account")
        return self

    def publish(self, country: str, packages: list[CreditPackage]) -> None:
        page = CataloguePage(
            platform_id=PLATFORM,
            country=country,
            revision=1,
            page=1,
            pages=1,
            published_at=datetime(2026, 11, 1, tzinfo=UTC),
            credit_packages=packages,
            appointment_packages=[],
        )
        transact.commit([catalogue_store.live_page(page)], f"catalogue-{country}")

    def order(self, key: str = "k1", package_id: str = "cpk_500", actor: Actor = CUSTOMER) -> Answer:
        operation = Operation(
            actor=actor, name="POST /v1/orders", key=key, input_hash=sha256(package_id.encode()).hexdigest()
        )
        return self.checkout.start(operation, OrderRequest(package_id=package_id))

    def ordered(self, key: str = "k1") -> Order:
        """A new order as it is kept."""
        return self.kept(self.order(key).read_as(OrderView).id)

    def fetched(self, reference: str) -> Payment:
        """How the provider says that a page stands."""
        page = PaymentPage(
            platform_id=PLATFORM,
            order_id="",
            reference=reference,
            price=package().price,
            payment_id=None,
            expires_at=None,
        )
        return self.provider.fetch(page)

    def kept(self, order_id: str) -> Order:
        found = store.find(PLATFORM, order_id)
        assert found is not None
        return found

    def deliver(self, signal: Signal) -> Handled:
        return self.webhooks.receive(PLATFORM, self.provider.name, SIGNED, msgspec.json.encode(signal))

    def refund(self, order: Order, amount: int | None = None, key: str = "r1") -> OrderView:
        """An admin gives back."""
        sent = f"{order.id}{amount}"
        operation = Operation(
            actor=ADMIN, name="refund", key=key, input_hash=sha256(sent.encode()).hexdigest()
        )
        asked = RefundRequest(amount=amount, reason="asked nicely")
        return self.refunds.request(operation, order.id, asked).read_as(OrderView)

    def send_refunds(self) -> None:
        """What the outbox would do, again and again."""
        for payload in self.effects("payment.refund"):
            self.refunds.send(PLATFORM, payload)

    def paid(self, key: str = "k1") -> Order:
        """An order that is paid, and its credits given."""
        order = self.ordered(key)
        self.provider.pay(str(order.payment_reference))
        self.deliver(self.provider.event(str(order.payment_reference), "checkout.session.completed"))
        return self.kept(order.id)

    def wallet(self) -> Wallet:
        return self.wallets.load(read.batch([self.wallets.key(PLATFORM, CUSTOMER.id)]), PLATFORM, CUSTOMER.id)

    def journal(self) -> list[LedgerTransaction]:
        key = self.wallets.key(PLATFORM, CUSTOMER.id)
        return list(read.query_all(key.pk, prefix="ENTRY#"))

    def effects(self, kind: str) -> list[dict[str, Any]]:
        """The payloads of all effects of a kind that were ever decided."""
        return [
            effect.payload for receipt in _receipts() for effect in receipt.effects if effect.kind == kind
        ]

    def sales(self) -> list[dict[str, Any]]:
        return self.effects("report.sale")

    def failed_payments(self) -> list[dict[str, Any]]:
        return self.effects("report.failed_payment")


def account(actor: Actor) -> Account:
    return Account(
        id=actor.id,
        platform_id=PLATFORM,
        role=Role.CUSTOMER,
        state=AccountState.ACTIVE,
        email="ayse@example.com",
        name="Ayşe",
        country="TR",
        locale=Locale.TURKISH,
        created_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


def everything() -> list[dict[str, Any]]:
    """All that the table holds, raw."""
    from chalicelib import aws
    from chalicelib.settings import settings

    items: list[dict[str, Any]] = aws.client("dynamodb").scan(TableName=settings().table_name)["Items"]
    return sorted(items, key=lambda item: (item["PK"]["S"], item["SK"]["S"]))


def _receipts() -> Iterator[Receipt]:
    for item in everything():
        if item["SK"]["S"] == "RECEIPT":
            yield ReceiptItem.from_raw_data(item).loaded()


def due_work() -> list[keys.Key]:
    return [
        key for shard in range(keys.WORK_SHARDS) for key in read.query(f"WORK#{shard}", index="GSI3").records
    ]
