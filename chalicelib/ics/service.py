"""A booking's calendar file, and the feed that a calendar program asks for again and again."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from msgspec.structs import replace

from chalicelib.accounts.model import Account, AccountNotFound, Locale
from chalicelib.accounts.service import Accounts
from chalicelib.booking.lists import BookingLists
from chalicelib.booking.model import BookingState
from chalicelib.booking.views import BookingsQuery, BookingView
from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.mail import Mailer
from chalicelib.ics import invitations, store
from chalicelib.ics.document import Event, Method, document
from chalicelib.ics.model import CalendarFeed, CalendarFeedNotFound, hashed
from chalicelib.ics.views import CalendarFeedRevokedView, CalendarFeedView
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, read
from chalicelib.table.operation import Answer, Decision, Operation, perform
from chalicelib.table.read import Loaded

_SUFFIX = ".ics"
_SECRET_BYTES = 24
_PAST = timedelta(days=30)
_PAGE, _MOST = 100, 500


class CalendarFiles:
    """The organizer of every appointment is the address that mails come from."""

    def __init__(self, platforms: Platforms, accounts: Accounts, lists: BookingLists, mailer: Mailer) -> None:
        self._platforms = platforms
        self._accounts = accounts
        self._lists = lists
        self._mailer = mailer

    def file(self, actor: Actor, booking_id: str) -> str:
        """One appointment, for its customer, its expert and admins. ``BookingNotFound``."""
        booking = self._lists.booking(actor, booking_id)
        method = Method.CANCEL if booking.state is BookingState.CANCELLED else Method.PUBLISH
        events = self._events(actor.platform_id, actor.id, [booking])
        return document(method, events, clock.now())

    def renew(self, operation: Operation) -> Answer:
        """A new secret address of one's appointments; the one before it leads nowhere from now on."""
        account_id, secret = operation.actor.id, secrets.token_urlsafe(_SECRET_BYTES)

        def decide(loaded: Loaded) -> Decision:
            feed = _feed(loaded, operation.actor)
            renewed = replace(feed, secret_sha256=hashed(secret), created_at=clock.now())
            path = f"/v1/public/{operation.platform_id}/feeds/{account_id}.{secret}{_SUFFIX}"
            view = CalendarFeedView(path=path, created_at=renewed.created_at)
            return Decision(answer=view, writes=[store.saved(renewed)])

        return perform(operation, [keys.calendar_feed(operation.platform_id, account_id)], decide)

    def revoke(self, operation: Operation) -> Answer:
        """No address leads to one's appointments any more."""

        def decide(loaded: Loaded) -> Decision:
            revoked = replace(_feed(loaded, operation.actor), secret_sha256=None)
            view = CalendarFeedRevokedView(revoked_at=clock.now())
            return Decision(answer=view, writes=[store.saved(revoked)])

        return perform(operation, [keys.calendar_feed(operation.platform_id, operation.actor.id)], decide)

    def feed(self, platform_id: str, name: str) -> str:
        """What the address shows. ``CalendarFeedNotFound``.

        At most 500 appointments: those to come, the nearest first, and the latest of the last 30 days.
        """
        account_id, _, secret = name.removesuffix(_SUFFIX).partition(".")
        if not (name.endswith(_SUFFIX) and secret):
            raise CalendarFeedNotFound
        platform, account = self._opened(platform_id, account_id, secret)
        bookings = self._of_person(platform, account)
        events = self._events(platform.id, account.id, bookings)
        return document(Method.PUBLISH, events, clock.now(), name=platform.name)

    def _opened(self, platform_id: str, account_id: str, secret: str) -> tuple[Platform, Account]:
        try:
            wanted = [self._platforms.key(platform_id), self._accounts.key(platform_id, account_id)]
            loaded = read.batch([*wanted, keys.calendar_feed(platform_id, account_id)])
            account = self._accounts.load(loaded, platform_id, account_id)
        except AccountNotFound:
            raise CalendarFeedNotFound from None
        feed = loaded.get(keys.calendar_feed(platform_id, account_id), CalendarFeed)
        if feed is None or not feed.opened_by(secret):
            raise CalendarFeedNotFound
        return self._platforms.load(loaded, platform_id), account

    def _of_person(self, platform: Platform, account: Account) -> list[BookingView]:
        """First what is still to end, then the latest of what is over, so far as there is room; by start.

        What runs now is among the last to have begun, wherever many more are to come.
        """
        actor = Actor(id=account.id, platform_id=platform.id, roles=frozenset({account.role}), country=None)
        now = platform.now()
        coming = self._up_to(_MOST, actor, BookingsQuery(since=now, limit=_PAGE))
        lately = BookingsQuery(since=now - _PAST, until=now, limit=_PAGE)
        begun = self._up_to(max(_MOST - len(coming), _PAGE), actor, lately, newest_first=True)
        running = [booking for booking in begun if booking.ends_at > now]
        over = [booking for booking in begun if booking.ends_at <= now]
        return sorted([*running, *coming, *over][:_MOST], key=lambda booking: booking.starts_at)

    def _up_to(
        self, most: int, actor: Actor, asked: BookingsQuery, *, newest_first: bool = False
    ) -> list[BookingView]:
        """The first of a list, in as few pages as hold so many."""
        found: list[BookingView] = []
        for _ in range(0, most, _PAGE):
            page = self._lists.bookings(actor, asked, newest_first=newest_first)
            found += page.items
            if page.cursor is None:
                break
            asked = replace(asked, cursor=page.cursor)
        return found[:most]

    def _events(self, platform_id: str, reader_id: str, bookings: Sequence[BookingView]) -> list[Event]:
        """Appointments, with the name of the other side, or of both for who is neither, in his language."""
        people = {each for booking in bookings for each in (booking.customer_id, booking.expert_id)}
        people.add(reader_id)
        wanted = [self._accounts.key(platform_id, person_id) for person_id in sorted(people)]
        loaded = read.batch([self._platforms.key(platform_id), *wanted])
        platform = self._platforms.load(loaded, platform_id)
        reader = loaded.get(self._accounts.key(platform_id, reader_id), Account)
        locale = reader.locale if reader else Locale.ENGLISH
        return [
            invitations.event(
                booking,
                platform,
                self._mailer.sender,
                ", ".join(self._names(loaded, platform_id, _others(booking, reader_id))),
                locale,
            )
            for booking in bookings
        ]

    def _names(self, loaded: Loaded, platform_id: str, people: Iterable[str]) -> Iterator[str]:
        """Of those who are still there."""
        for person_id in people:
            account = loaded.get(self._accounts.key(platform_id, person_id), Account)
            if account is not None:
                yield account.name


def _others(booking: BookingView, reader_id: str) -> list[str]:
    return [each for each in (booking.expert_id, booking.customer_id) if each != reader_id]


def _feed(loaded: Loaded, actor: Actor) -> CalendarFeed:
    stored = loaded.get(keys.calendar_feed(actor.platform_id, actor.id), CalendarFeed)
    return stored or CalendarFeed(
        platform_id=actor.platform_id, account_id=actor.id, secret_sha256=None, created_at=clock.now()
    )
