"""Idempotency keys: the first answer of a key is its only answer, for 24 hours."""

import hashlib
import json

from infra.local.payments.accounts import Account
from infra.local.payments.messages import JsonObject, Response, json_response
from infra.local.payments.state import Record
from infra.local.payments.stripe_api.errors import ApiError
from infra.local.payments.work import Work

KEPT_SECONDS = 24 * 60 * 60
KEY_LENGTH = 255


def fingerprint(method: str, path: str, params: JsonObject) -> str:
    """What a repeated call must have in common with the first one."""
    text = json.dumps([method, path, params], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def replay(work: Work, account: Account, key: str | None, print_: str) -> Response | None:
    """The stored answer of the key, or None; ApiError when the key was used for another call."""
    if key is None:
        return None
    if not 1 <= len(key) <= KEY_LENGTH:
        raise ApiError(400, f"An idempotency key has from 1 to {KEY_LENGTH} characters.")
    kept = work.state.tables["idempotency"].get(_row_id(account, key))
    if kept is None or kept.object["at"] + KEPT_SECONDS <= work.now:
        return None
    if kept.object["fingerprint"] != print_:
        message = "This idempotency key was first used with another path or other parameters."
        raise ApiError(400, message, kind="idempotency_error")
    headers = [("Idempotent-Replayed", "true"), ("Original-Request", kept.object["request_id"])]
    if kept.object["status"] >= 500:
        headers.append(("Stripe-Should-Retry", "false"))
    return json_response(kept.object["status"], kept.object["body"], *headers)


def store(work: Work, account: Account, key: str | None, print_: str, status: int, body: JsonObject) -> None:
    """Keep the first answer of the key."""
    if key is None:
        return
    row = {
        "at": work.now,
        "fingerprint": print_,
        "request_id": work.request_id or "",
        "status": status,
        "body": body,
    }
    work.state.tables["idempotency"].drop(_row_id(account, key))
    work.state.tables["idempotency"].put(_row_id(account, key), Record(account.id, row))


def _row_id(account: Account, key: str) -> str:
    return f"{account.id} {key}"
