"""Refusals: what the product says instead of doing what was asked.

A feature declares its own refusals as subclasses, each with a stable upper-case ``code``; the kind
(the class below that it extends) decides the HTTP status, in ``web/errors.py`` and nowhere else.
"""

from typing import ClassVar


class Refusal(Exception):
    """Nothing was changed. ``code`` is API, ``detail`` for people, ``field`` the path of what was wrong."""

    code: ClassVar[str] = "REFUSED"
    message: ClassVar[str] = "The request was refused."

    def __init__(self, detail: str | None = None, *, field: str | None = None, **extra: object) -> None:
        super().__init__(detail or self.message)
        self.detail = detail or self.message
        self.field = field
        self.extra = extra


class Malformed(Refusal):
    """The request cannot be read at all."""

    code = "MALFORMED"
    message = "The request could not be read."


class Unauthenticated(Refusal):
    """Nobody, or nobody we can name, is calling."""

    code = "UNAUTHENTICATED"
    message = "Sign in first."


class Forbidden(Refusal):
    """The caller's role does not allow this."""

    code = "FORBIDDEN"
    message = "Your role does not allow this."


class NotFound(Refusal):
    """There is no such thing, or it is somebody else's."""

    code = "NOT_FOUND"
    message = "There is no such thing."


class Conflict(Refusal):
    """The state of things does not allow it."""

    code = "CONFLICT"
    message = "The present state does not allow this."


class Stale(Refusal):
    """The caller edits something that has changed since he read it."""

    code = "STALE_EDIT"
    message = "This was changed since you read it. Read it again and repeat your edit."


class ConditionRequired(Refusal):
    """An edit must name the version that it edits."""

    code = "IF_MATCH_REQUIRED"
    message = "Send If-Match with the ETag that you read."


class TooLarge(Refusal):
    """More than the door lets through."""

    code = "BODY_TOO_LARGE"
    message = "The request body is too large."


class Unsupported(Refusal):
    """A media type that is not understood here."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    message = "Send application/json."


class Invalid(Refusal):
    """Read, understood, and not acceptable; ``field`` names the path."""

    code = "INVALID"
    message = "A value is not acceptable."


class Busy(Refusal):
    """Too many callers at once for the same thing; trying again later helps."""

    code = "BUSY"
    message = "Too many requests for the same thing at once. Try again."


class UpstreamFailed(Refusal):
    """A vendor answered with an error or with nonsense."""

    code = "UPSTREAM_FAILED"
    message = "A service that we depend on failed. Try again."


class UpstreamTimeout(Refusal):
    """A vendor did not answer in time."""

    code = "UPSTREAM_TIMEOUT"
    message = "A service that we depend on did not answer in time. Try again."
