"""Form-encoded nested parameters, `a[b][0][c]=v`, as Stripe's SDKs write them."""

import re
from urllib.parse import parse_qsl

from infra.local.payments.messages import JsonObject
from infra.local.payments.stripe_api.errors import ApiError

FIELDS_LIMIT = 1_000
DEPTH_LIMIT = 10
KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def decode(encoded: str) -> JsonObject:
    """The parameters as nested dicts of strings, an array as a dict of its indices; else ApiError 400."""
    try:
        pairs = parse_qsl(
            encoded, keep_blank_values=True, strict_parsing=bool(encoded), max_num_fields=FIELDS_LIMIT,
            encoding="utf-8", errors="strict",
        )  # fmt: skip
    except ValueError as error:
        raise ApiError(400, f"Invalid form encoding: {error}") from error
    root: JsonObject = {}
    for key, value in pairs:
        _put(root, _path(key), value, key)
    return root


def _path(key: str) -> list[str]:
    match = KEY.fullmatch(key)
    if not match:
        raise ApiError(400, f"Invalid parameter name: {key}", param=key)
    path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    if len(path) > DEPTH_LIMIT:
        raise ApiError(400, f"Parameter nested too deeply: {key}", param=key)
    return path


def _put(root: JsonObject, path: list[str], value: str, key: str) -> None:
    node = root
    for part in path[:-1]:
        node = node.setdefault(part or str(len(node)), {})
        if not isinstance(node, dict):
            raise ApiError(400, f"Parameter given twice in different shapes: {key}", param=key)
    last = path[-1] or str(len(node))
    if last in node:
        raise ApiError(400, f"Parameter given twice: {key}", param=key)
    node[last] = value
