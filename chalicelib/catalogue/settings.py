"""The settings of appointments as the admin edits them; they hold when the drafts are applied (B47)."""

from msgspec.structs import replace

from chalicelib.catalogue import store
from chalicelib.catalogue.drafts import state_of
from chalicelib.catalogue.model import SettingsDraft
from chalicelib.catalogue.views import AppointmentSettingsView
from chalicelib.core.versions import check_version
from chalicelib.platforms.service import Platforms
from chalicelib.platforms.views import AppointmentSettingsRequest
from chalicelib.table import keys, read
from chalicelib.table.operation import Answer, Decision, Operation, perform
from chalicelib.table.read import Loaded


class SettingsDrafts:
    """One draft of a platform; before the first edit it is what holds."""

    def __init__(self, platforms: Platforms) -> None:
        self._platforms = platforms

    def settings(self, platform_id: str) -> AppointmentSettingsView:
        """The draft; ``version`` is 0 before the first edit."""
        wanted = [self._platforms.key(platform_id), store.settings_key(platform_id)]
        return AppointmentSettingsView.of(self.draft(read.batch(wanted), platform_id))

    def edit(self, operation: Operation, request: AppointmentSettingsRequest, edited_version: int) -> Answer:
        """Replace the draft; nothing changes for anybody before it is applied. ``SettingInvalid``."""
        platform_id, settings = operation.platform_id, request.settings()

        def decide(loaded: Loaded) -> Decision:
            present, state = self.draft(loaded, platform_id), state_of(loaded, platform_id)
            check_version(present.version, edited_version)
            edited = replace(present, settings=settings)
            return Decision(
                answer=AppointmentSettingsView.of(replace(edited, version=edited.version + 1)),
                writes=[
                    store.saved_state(replace(state, draft_revision=state.draft_revision + 1)),
                    store.saved_settings(platform_id, edited),
                ],
            )

        wanted = [
            self._platforms.key(platform_id),
            store.settings_key(platform_id),
            keys.draft_state(platform_id),
        ]
        return perform(operation, wanted, decide)

    def draft(self, loaded: Loaded, platform_id: str) -> SettingsDraft:
        """The draft among what a use case read, with the platform."""
        live = self._platforms.load(loaded, platform_id).settings.appointments
        return loaded.get(store.settings_key(platform_id), SettingsDraft) or SettingsDraft(settings=live)
