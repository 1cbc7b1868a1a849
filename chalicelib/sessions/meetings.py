"""Where the parties of an online session meet."""

from secrets import token_hex
from typing import Protocol

from chalicelib.catalogue.model import Service
from chalicelib.core.actor import Actor
from chalicelib.platforms.model import Platform
from chalicelib.sessions.model import Session, SessionState

_ON_THE_PLATFORM = {Service.AUDIO, Service.VIDEO}


class Meetings(Protocol):
    """Gives rooms; ``adapters/meetings.py`` does it by a template of a link."""

    def url(self, template: str, room: str) -> str:
        """Where to go; the same for the same room."""


def new_room() -> str:
    """128 bits that nobody guesses, in letters that every meeting server takes."""
    return token_hex(16)


def url_for(meetings: Meetings, platform: Platform, actor: Actor, session: Session) -> str | None:
    """The room's address, for a party while he may be there; nobody else is told, an admin neither."""
    template = platform.settings.meeting_link_template
    if template is None or session.service not in _ON_THE_PLATFORM:
        return None
    if session.state is not SessionState.RUNNING or session.party(actor.id) is None:
        return None
    return meetings.url(template, session.room)
