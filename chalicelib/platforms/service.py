"""Use cases of platforms: the operator makes one, its admin sets it up and moves a sandbox's clock."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import asdict, replace

from chalicelib.core import clock
from chalicelib.core.versions import check_version
from chalicelib.platforms import rules, store
from chalicelib.platforms.model import (
    AppointmentSettings,
    Platform,
    PlatformExists,
    PlatformNotFound,
    PlatformSettings,
    is_platform_id,
)
from chalicelib.platforms.views import ClockView, PlatformView, SettingsRequest, SettingsView
from chalicelib.table import keys
from chalicelib.table.keys import Key
from chalicelib.table.operation import Answer, Decision, Effect, Operation, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write

CLOCK_MOVED = "platform.clock_moved"


class Platforms:
    def key(self, platform_id: str) -> Key:
        """What to read to load a platform. ``PlatformNotFound`` for what cannot be a platform's id."""
        if not is_platform_id(platform_id):
            raise PlatformNotFound
        return keys.platform(platform_id)

    def load(self, loaded: Loaded, platform_id: str) -> Platform:
        """The platform among what a use case read. ``PlatformNotFound``."""
        platform = loaded.get(self.key(platform_id), Platform)
        if platform is None:
            raise PlatformNotFound
        return platform

    def get(self, platform_id: str) -> Platform:
        """One consistent get. ``PlatformNotFound``."""
        platform = store.find(platform_id) if is_platform_id(platform_id) else None
        if platform is None:
            raise PlatformNotFound
        return platform

    def all(self) -> Iterator[Platform]:
        """Every platform of the deployment, for the sweeper; read page by page."""
        return store.all_platforms()

    def create(self, operation: Operation, name: str, *, sandbox: bool, settings: PlatformSettings) -> Answer:
        """The operation's platform begins to exist. ``PlatformExists``; ``PlatformIdInvalid``."""
        created = Platform(
            id=operation.platform_id, name=name, sandbox=sandbox, settings=settings, created_at=clock.now()
        )

        def decide(_: Loaded) -> Decision:
            writes = [store.created(created, PlatformExists())]
            return Decision(answer=PlatformView.of(created), writes=writes)

        return perform(operation, [], decide)

    def public_view(self, platform_id: str) -> PlatformView:
        return PlatformView.of(self.get(platform_id))

    def settings(self, platform_id: str) -> SettingsView:
        return SettingsView.of(self.get(platform_id))

    def edit_settings(self, operation: Operation, request: SettingsRequest, edited_version: int) -> Answer:
        """Replace the settings that were read as ``edited_version``; ``Stale`` if they have changed since."""

        def decide(loaded: Loaded) -> Decision:
            platform = self.load(loaded, operation.platform_id)
            check_version(platform.version, edited_version)
            edited = replace(platform, settings=request.edited(platform.settings))
            answer = SettingsView.of(replace(edited, version=edited.version + 1))
            return Decision(answer=answer, writes=[store.saved(edited)])

        return perform(operation, [self.key(operation.platform_id)], decide)

    def prepare_appointments(self, platform: Platform, settings: AppointmentSettings) -> list[Write]:
        """The drafted settings of appointments begin to hold (B47)."""
        applied = replace(platform.settings, **asdict(settings))
        return [store.saved(replace(platform, settings=applied))]

    def clock(self, platform_id: str) -> ClockView:
        return ClockView.of(self.get(platform_id))

    def move_clock(self, operation: Operation, to: datetime) -> Answer:
        """Move a sandbox's clock forward; what has become due by it is swept at once, by an effect."""

        def decide(loaded: Loaded) -> Decision:
            moved = rules.with_clock_at(self.load(loaded, operation.platform_id), to)
            effect = Effect(kind=CLOCK_MOVED, payload={})
            return Decision(answer=ClockView.of(moved), writes=[store.saved(moved)], effects=[effect])

        return perform(operation, [self.key(operation.platform_id)], decide)
