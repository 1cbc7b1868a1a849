"""The one strict door: what is not one plain JSON object, or is too deep, large or ambiguous, is refused."""

import json
import math
import re
from hashlib import sha256
from typing import Any, TypeVar

import msgspec

from chalicelib.core.errors import Invalid, Malformed, TooLarge, Unsupported

T = TypeVar("T")
MAX_BODY_BYTES = 256 * 1024
MAX_DEPTH = 32
_PATH = re.compile(r"^(?P<what>.*?)(?: - at `(?P<key>key in )?\$(?P<path>.*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<name>.*)`$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<name>.*)`$", re.DOTALL)


class MalformedJson(Malformed):
    code = "MALFORMED_JSON"
    message = "The body is not a JSON object that we can read."


class UnknownField(Invalid):
    code = "UNKNOWN_FIELD"
    message = "There is no such field."


class MissingField(Invalid):
    code = "MISSING_FIELD"
    message = "A required field is missing."


class Body(msgspec.Struct, frozen=True):
    """What was sent: as an object, and the hash of its canonical form."""

    content: dict[str, Any]
    sha256: str


def read_json(raw: bytes, content_type: str) -> Body:
    """The one JSON object in ``raw``. ``Unsupported``, ``TooLarge`` or ``MalformedJson`` otherwise."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Unsupported
    if len(raw) > MAX_BODY_BYTES:
        raise TooLarge(f"A body holds at most {MAX_BODY_BYTES} bytes.")
    try:
        content = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object_without_doubles,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise MalformedJson("The body is nested too deeply.") from None
    except ValueError as error:
        raise MalformedJson(f"The body is not JSON: {error}"[:200]) from None
    if not isinstance(content, dict):
        raise MalformedJson("The body must be a JSON object.")
    if _depth(content) > MAX_DEPTH:
        raise MalformedJson("The body is nested too deeply.")
    return Body(content, sha256(canonical).hexdigest())


def convert(content: Any, schema: type[T], *, strict: bool = True) -> T:
    """The content as ``schema`` says; ``Invalid`` with the field's path otherwise.

    Only if not ``strict`` does text become numbers, as a query needs it.
    """
    try:
        return msgspec.convert(content, schema, strict=strict)
    except msgspec.ValidationError as error:
        raise _named(str(error)) from None


def _named(message: str) -> Invalid:
    """The path stands at the end of msgspec's sentence; callers get it apart."""
    match = _PATH.match(message)
    what, path = (match["what"], match["path"] or "") if match else (message, "")
    parent = path.lstrip(".")
    for pattern, refusal in ((_UNKNOWN, UnknownField), (_MISSING, MissingField)):
        if named := pattern.match(what):
            return refusal(what, field=f"{parent}.{named['name']}".lstrip("."))
    return Invalid(what, field=parent or None)


def _object_without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return result


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is out of range")
    return number


def _depth(content: Any) -> int:
    """Level by level, so that depth costs no stack."""
    depth, level = 0, [content]
    while level:
        depth += 1
        nested = [item for item in level if isinstance(item, dict | list)]
        level = [child for item in nested for child in (item.values() if isinstance(item, dict) else item)]
    return depth
