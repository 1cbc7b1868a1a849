"""A mail, and who carries it."""

import re
from typing import Protocol

import msgspec

_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f,;:<>()\[\]\\\"@]+@[A-Za-z0-9.-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file of text that goes with a mail."""

    name: str
    content_type: str
    text: str


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One mail to one address; ``text`` and ``html`` say the same.

    ``ValueError`` where the address is more than one, or the subject more than one line.
    """

    to: str
    subject: str
    text: str
    html: str
    attachments: list[Attachment] = []

    def __post_init__(self) -> None:
        if not _ADDRESS.fullmatch(self.to):
            raise ValueError("a mail goes to one address")
        if _CONTROL.search(self.subject):
            raise ValueError("a subject is one line")


class Mailer(Protocol):
    """Carries mails; ``adapters/mail.py`` does it by SES."""

    @property
    def sender(self) -> str:
        """The address that mails come from."""

    def send(self, mail: Mail) -> str:
        """The carrier's own id of the mail, which it has taken on. ``UpstreamFailed``."""
