"""Every key of the table is built here, and nowhere else. ``README.md`` beside it holds the chart.

Each partition key begins with the platform, so that no query can cross to another tenant's items. The
two exceptions are the directory of platforms and the work index, which only the sweeper reads.
"""

from datetime import datetime
from zlib import crc32

import msgspec

from chalicelib.core.clock import stamp

WORK_SHARDS = 4


class Key(msgspec.Struct, frozen=True):
    """A primary key, or an index key."""

    pk: str
    sk: str


def platform(platform_id: str) -> Key:
    return Key("PLATFORMS", f"PLATFORM#{platform_id}")


def account(platform_id: str, account_id: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#ACCOUNT#{account_id}", "ACCOUNT")


def calendar_feed(platform_id: str, account_id: str) -> Key:
    """The secret address of a person's appointments."""
    return Key(f"PLATFORM#{platform_id}#ACCOUNT#{account_id}", "CALENDAR_FEED")


def account_in_list(platform_id: str, role: str, created_at: datetime, account_id: str) -> Key:
    """GSI1: a platform's people of one role, newest last."""
    return Key(accounts_of_role(platform_id, role), f"{stamp(created_at)}#{account_id}")


def draft(platform_id: str, kind: str, package_id: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#DRAFTS", f"{kind}#{package_id}")


def draft_state(platform_id: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#DRAFTS", "STATE")


def catalogue(platform_id: str, country: str) -> Key:
    """The published snapshot's first page; the one that every reader gets."""
    return Key(f"PLATFORM#{platform_id}#CATALOGUE#{country}", "LIVE")


def catalogue_page(platform_id: str, country: str, revision: int, page: int) -> Key:
    return Key(f"PLATFORM#{platform_id}#CATALOGUE#{country}", f"REVISION#{revision:08d}#PAGE#{page:04d}")


def wallet(platform_id: str, owner_id: str, asset: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#WALLET#{owner_id}#{asset}", "WALLET")


def entry(platform_id: str, owner_id: str, asset: str, sequence: int) -> Key:
    """A ledger transaction, in its wallet's journal."""
    return Key(f"PLATFORM#{platform_id}#WALLET#{owner_id}#{asset}", f"ENTRY#{sequence:012d}")


def phone_balance(platform_id: str) -> Key:
    """What a platform has for calls; its journal and its rates stand beside it."""
    return Key(f"PLATFORM#{platform_id}#PHONE#USD", "BALANCE")


def phone_rates(platform_id: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#PHONE#USD", "RATES")


def phone_entry(platform_id: str, sequence: int) -> Key:
    return Key(f"PLATFORM#{platform_id}#PHONE#USD", f"ENTRY#{sequence:012d}")


def phone_reservation(platform_id: str, booking_id: str) -> Key:
    """What a booking by phone has set aside of the balance."""
    return Key(f"PLATFORM#{platform_id}#BOOKING#{booking_id}", "PHONE")


def lot_page(platform_id: str, owner_id: str, asset: str, origin: str, start: str) -> Key:
    """The lots of one origin that follow those of the wallet's item, from the place ``start`` on."""
    return Key(f"PLATFORM#{platform_id}#WALLET#{owner_id}#{asset}", f"LOTS#{origin}#{start}")


def order(platform_id: str, order_id: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#ORDER#{order_id}", "ORDER")


def order_entry(platform_id: str, order_id: str, operation: str) -> Key:
    """A step of an order's money that no wallet moves with, by its name."""
    return Key(f"PLATFORM#{platform_id}#ORDER#{order_id}", f"ENTRY#{operation}")


def order_in_review(platform_id: str, created_at: datetime, order_id: str) -> Key:
    """GSI2: the orders that wait for a person's decision, by time."""
    return Key(orders_in_review(platform_id), f"{stamp(created_at)}#{order_id}")


def orders_in_review(platform_id: str) -> str:
    """GSI2: the partition of these, for a query."""
    return f"PLATFORM#{platform_id}#REVIEW"


def payment_reference(platform_id: str, provider: str, reference: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#PAYMENT#{provider}#{reference}", "PAYMENT")


def inbox(platform_id: str, provider: str, event_id: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#INBOX#{provider}#{event_id}", "EVENT")


def reconciliation(platform_id: str, day: str, provider: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#RECONCILIATIONS", f"{day}#{provider}")


def calendar(platform_id: str, expert_id: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#EXPERT#{expert_id}", "CALENDAR")


def platform_calendar(platform_id: str) -> Key:
    """What all experts of a platform share: holidays and locations."""
    return Key(f"PLATFORM#{platform_id}#CALENDAR", "CALENDAR")


def agenda(platform_id: str, expert_id: str, day: str) -> Key:
    """An expert's UTC day (``2026-11-22``): what is taken of it, as intervals."""
    return Key(f"PLATFORM#{platform_id}#EXPERT#{expert_id}", f"AGENDA#{day}")


def booking(platform_id: str, booking_id: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#BOOKING#{booking_id}", "BOOKING")


def series(platform_id: str, series_id: str) -> Key:
    """The bookings that one request made."""
    return Key(f"PLATFORM#{platform_id}#SERIES#{series_id}", "SERIES")


def session(platform_id: str, booking_id: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#BOOKING#{booking_id}", "SESSION")


def sale(platform_id: str, month: str, sold_at: datetime, sale_id: str) -> Key:
    """A line of the sales report, in the partition of its UTC month (``2026-11``)."""
    return Key(f"PLATFORM#{platform_id}#SALES#{month}", f"{stamp(sold_at)}#{sale_id}")


def failed_payment(platform_id: str, month: str, failed_at: datetime, attempt_id: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#FAILED#{month}", f"{stamp(failed_at)}#{attempt_id}")


def session_line(platform_id: str, month: str, starts_at: datetime, booking_id: str) -> Key:
    """A line of the sessions report, in the partition of the UTC month in which it was to begin."""
    return Key(f"PLATFORM#{platform_id}#SESSIONS#{month}", f"{stamp(starts_at)}#{booking_id}")


def export(platform_id: str, export_id: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#EXPORT#{export_id}", "EXPORT")


def feed(platform_id: str, account_id: str) -> Key:
    """How far a person's notices have come."""
    return Key(f"PLATFORM#{platform_id}#FEED#{account_id}", "HEAD")


def notice(platform_id: str, account_id: str, sequence: int) -> Key:
    return Key(f"PLATFORM#{platform_id}#FEED#{account_id}", f"NOTICE#{sequence:012d}")


def audit(platform_id: str, at: datetime, record_id: str) -> Key:
    """What was done by hand, by time."""
    return Key(audit_partition(platform_id), f"{stamp(at)}#{record_id}")


def audit_partition(platform_id: str) -> str:
    return f"PLATFORM#{platform_id}#AUDIT"


def receipt(platform_id: str, actor_id: str, operation: str, idempotency_key: str) -> Key:
    return Key(f"PLATFORM#{platform_id}#RECEIPT#{actor_id}#{operation}#{idempotency_key}", "RECEIPT")


def of_owner(platform_id: str, owner_id: str, kind: str, at: datetime, item_id: str) -> Key:
    """GSI1: what a person has of one kind (``ORDER``, ``BOOKING``), by time."""
    return Key(f"PLATFORM#{platform_id}#OWNER#{owner_id}#{kind}", f"{stamp(at)}#{item_id}")


def owner_partition(platform_id: str, owner_id: str, kind: str) -> str:
    """GSI1: the partition of what a person has of one kind, for a query."""
    return f"PLATFORM#{platform_id}#OWNER#{owner_id}#{kind}"


def of_expert(platform_id: str, expert_id: str, kind: str, at: datetime, item_id: str) -> Key:
    """GSI2: what an expert has of one kind, by time."""
    return Key(f"PLATFORM#{platform_id}#EXPERT#{expert_id}#{kind}", f"{stamp(at)}#{item_id}")


def work(item_id: str, due_at: datetime) -> Key:
    """GSI3: work that is due in real time, spread over shards by the item's id."""
    return Key(f"WORK#{crc32(item_id.encode()) % WORK_SHARDS}", f"{stamp(due_at)}#{item_id}")


def sandbox_work(platform_id: str, item_id: str, due_at: datetime) -> Key:
    """GSI3: work that is due by the clock of a sandbox platform."""
    return Key(f"WORK#PLATFORM#{platform_id}", f"{stamp(due_at)}#{item_id}")


def email_owner(platform_id: str, email_sha256: str) -> Key:
    """Whose an e-mail address is; the address itself stands in the account alone."""
    return Key(f"PLATFORM#{platform_id}#EMAIL#{email_sha256}", "OWNER")


def accounts_of_role(platform_id: str, role: str) -> str:
    """GSI1: the partition of a platform's people of one role."""
    return f"PLATFORM#{platform_id}#ROLE#{role}"


def work_shards() -> list[str]:
    """GSI3: the partitions of the work that is due in real time."""
    return [f"WORK#{shard}" for shard in range(WORK_SHARDS)]


def sandbox_shard(platform_id: str) -> str:
    """GSI3: the partition of the work that is due by a sandbox platform's clock."""
    return f"WORK#PLATFORM#{platform_id}"


def due_until(instant: datetime) -> tuple[str, str]:
    """GSI3: the sort keys of what is due at ``instant`` or before it."""
    return "0", f"{stamp(instant)}#~"


def owner_of(key: Key) -> tuple[str, str]:
    """The platform and the thing that an item belongs to: ``PLATFORM#p#BOOKING#b`` gives ``("p", "b")``."""
    _, platform_id, _, thing_id = key.pk.split("#", 3)
    return platform_id, thing_id


def assignment(platform_id: str, assignment_id: str) -> Key:
    """What is left of a package of several sessions."""
    return Key(f"PLATFORM#{platform_id}#ASSIGNMENT#{assignment_id}", "ASSIGNMENT")


def assignment_entry(platform_id: str, assignment_id: str, operation: str) -> Key:
    """A step of money that was paid or given back at the desk, by its name."""
    return Key(f"PLATFORM#{platform_id}#ASSIGNMENT#{assignment_id}", f"ENTRY#{operation}")


def assigned(platform_id: str, account_id: str, assignment_id: str) -> Key:
    """That an assignment concerns a person; read consistently, since a booking chooses among them."""
    return Key(f"PLATFORM#{platform_id}#ASSIGNED#{account_id}", assignment_id)
