"""One table from refusal to HTTP status, and one shape of answer: problem details (RFC 9457)."""

from typing import Annotated, Any

import msgspec
from chalice.app import Response
from pynamodb.exceptions import PynamoDBException

from chalicelib.core import errors
from chalicelib.core.errors import Refusal
from chalicelib.core.log import log
from chalicelib.table.base import failure_code

# From the kind of refusal to its status. A feature's refusal has the status of the kind that it extends.
STATUS: dict[type[Refusal], int] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.TooLarge: 413,
    errors.Unsupported: 415,
    errors.Invalid: 422,
    errors.ConditionRequired: 428,
    errors.UpstreamFailed: 502,
    errors.Busy: 503,
    errors.UpstreamTimeout: 504,
}
# A cancelled transaction that was no conflict was throttled; no code at all is a lost or late response.
_STORE_IS_BUSY = {
    None,
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionCanceledException",
    "TransactionInProgressException",
}


class FieldProblem(msgspec.Struct):
    field: Annotated[str, msgspec.Meta(description="The path of what was wrong, such as `price.amount`.")]
    detail: str


class Problem(msgspec.Struct, omit_defaults=True):
    """Problem details (RFC 9457). A refusal may tell more in members of its own."""

    type: str
    title: str
    status: int
    code: Annotated[str, msgspec.Meta(description="Stable, in upper case; what programs read.")]
    detail: str
    errors: list[FieldProblem] = []


def status_of(refusal: type[Refusal]) -> int:
    """The status of the nearest kind; ``KeyError`` for one that extends none, which a test forbids."""
    kind = next((kind for kind in refusal.__mro__ if kind in STATUS), None)
    if kind is None:
        raise KeyError(refusal.__name__)
    return STATUS[kind]


def problem(refusal: Refusal) -> Response:
    """The refusal as ``application/problem+json``; ``errors`` names the field's path where there is one."""
    status = status_of(type(refusal))
    body: dict[str, Any] = {
        "type": f"urn:seans:error:{refusal.code}",
        "title": refusal.message,
        "status": status,
        "code": refusal.code,
        "detail": refusal.detail,
        **refusal.extra,
    }
    if refusal.field is not None:
        body["errors"] = [{"field": refusal.field, "detail": refusal.detail}]
    headers: dict[str, str | list[str]] = {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",
    }
    if status == 503:
        headers["Retry-After"] = "1"
    return Response(msgspec.json.encode(body).decode(), headers, status)


def as_refusal(error: Exception) -> Refusal:
    """What a caller is told of a failure that is not his: never more than a code."""
    if isinstance(error, Refusal):
        return error
    log("request_failed", error=repr(error))
    if isinstance(error, PynamoDBException) and failure_code(error) in _STORE_IS_BUSY:
        return errors.Busy()
    return Internal()


class Internal(Refusal):
    """A mistake of ours. Nothing was half done: a step that moves value is one transaction."""

    code = "INTERNAL"
    message = "Something went wrong on our side. Try again; the same Idempotency-Key makes that safe."


STATUS[Internal] = 500
