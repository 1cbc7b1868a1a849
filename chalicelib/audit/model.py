"""Who changed what by hand, when and why; written with the change itself, and never edited."""

from datetime import datetime

import msgspec

from chalicelib.core.errors import Invalid

MAX_REASON_LENGTH = 500


class ReasonRequired(Invalid):
    code = "REASON_REQUIRED"
    message = "Say why; it is kept with your name."


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True):
    """``before`` and ``after`` are the numbers and texts that the step changed, by their names.

    ``subject_id`` is the person whose thing it was; ``reference`` names the thing.
    """

    id: str
    platform_id: str
    actor_id: str
    at: datetime
    action: str
    subject_id: str
    reason: str
    reference: dict[str, str]
    before: dict[str, int | str | None]
    after: dict[str, int | str | None]
    version: int = 0


def stated(reason: str | None) -> str:
    """The reason without blanks round it. ``ReasonRequired`` where there is none."""
    text = (reason or "").strip()
    if not text:
        raise ReasonRequired(field="reason")
    return text
