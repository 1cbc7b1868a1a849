"""A package sold to a customer: found in his country's catalogue, paid with credits, its sessions given."""

from collections.abc import Sequence

from msgspec.structs import replace

from chalicelib.accounts.model import Account
from chalicelib.accounts.service import Accounts
from chalicelib.assignments.service import Assignments
from chalicelib.booking import rules
from chalicelib.booking.drafts import sessions_of
from chalicelib.booking.model import Booking
from chalicelib.booking.unpaid import Unpaid
from chalicelib.catalogue.model import AppointmentPackage
from chalicelib.catalogue.service import Catalogue
from chalicelib.core.actor import Actor
from chalicelib.core.ids import new_id
from chalicelib.orders.lines import Sale
from chalicelib.platforms.model import Platform
from chalicelib.table import read
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.wallet.ledger import Journal
from chalicelib.wallet.model import InsufficientCredits, SpentPart
from chalicelib.wallet.service import Movement, Wallets


class Selling:
    """What is bought in the step that books; each ``prepare_*`` is one with it."""

    def __init__(
        self, accounts: Accounts, catalogue: Catalogue, wallets: Wallets, assignments: Assignments
    ) -> None:
        self._accounts = accounts
        self._catalogue = catalogue
        self._wallets = wallets
        self._assignments = assignments

    def wallet_keys(self, actor: Actor) -> list[Key]:
        """What to read to sell for the actor's credits, beside the slot."""
        return [
            self._accounts.key(actor.platform_id, actor.id),
            self._catalogue.key(actor.platform_id, actor.country or ""),
            self._wallets.key(actor.platform_id, actor.id),
        ]

    def package(self, loaded: Loaded, actor: Actor, package_id: str) -> AppointmentPackage:
        """What is sold in the customer's country (A21); his account knows it, his token may be older."""
        country = self._accounts.load(loaded, actor.platform_id, actor.id).country
        if country != actor.country:
            loaded = read.batch([self._catalogue.key(actor.platform_id, country)])
        return self._catalogue.appointment_package(loaded, actor.platform_id, country, package_id)

    def prepare_payment(
        self,
        loaded: Loaded,
        platform: Platform,
        booking: Booking,
        expert: Account,
        price_credits: int,
        count: int = 1,
    ) -> Movement:
        """The price in credits, from the customer's wallet to expert and platform (E12). ``Unpaid``.

        ``booking`` stands for all ``count`` of its series, each of which costs as much.
        """
        paid = {"series_id": booking.series_id} if booking.series_id else {"booking_id": booking.id}
        journal = Journal(
            operation=f"book:{booking.series_id or booking.id}",
            kind="booking",
            at=booking.created_at,
            reference=paid | {"package_id": booking.package.id, "expert_id": expert.id},
            memo=booking.package.title,
        )
        wallet = self._wallets.load(loaded, platform.id, booking.customer_id)
        into = rules.shared_out(price_credits, expert.share_basis_points, expert.id, count)
        order = platform.settings.spend_order
        try:
            return self._wallets.prepare_spend(wallet, count * price_credits, into, journal, order=order)
        except InsufficientCredits as refusal:
            payment = rules.failed_payment(new_id("fpm"), booking, count * price_credits)
            raise Unpaid(refusal, payment) from refusal

    def prepare_bought(
        self, booking: Booking, sale: Sale, spent: Sequence[SpentPart] = ()
    ) -> tuple[Booking, list[Write]]:
        """One sale gives all sessions of the package (E13), and the booking draws the first.

        A single one that credits paid is not kept: it comes back as credits. By card it is, since money goes
        back by a refund of its order alone.
        """
        if booking.package.sessions == 1 and spent:
            return replace(booking, sale=sale, spent=list(spent)), []
        assignment = sessions_of(booking, sale)
        kept = self._assignments.prepare_bought(assignment, booking.id)
        numbered = replace(booking, sale=sale, assignment_id=assignment.id, ordinal=1, total=assignment.total)
        return numbered, kept

    def prepare_withdrawn(self, booking: Booking, *, all_of_them: bool) -> list[Write]:
        """The sessions that were sold go with the money, or come again with it; those given by hand stay."""
        assignment = self._assignments.find(booking.platform_id, str(booking.assignment_id))
        sold = assignment.total - assignment.adjusted
        return self._assignments.prepare_withdraw(assignment, sold if all_of_them else 0)
