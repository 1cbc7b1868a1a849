"""Checks parameters against the SDK's own `...Params` types, and turns their strings into values."""

import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from stripe import RequestOptions

from infra.local.payments.messages import JsonObject
from infra.local.payments.stripe_api.errors import ApiError, missing

METADATA_KEYS_LIMIT = 50
METADATA_KEY_LENGTH = 40
METADATA_VALUE_LENGTH = 500
STRING_LENGTH = 5_000
INTEGER_DIGITS = 18

Modelled = Mapping[str, frozenset[str]]


def check(params: JsonObject, schema: type, modelled: Modelled) -> JsonObject:
    """The parameters with integers and booleans as such; ApiError 400 names the first bad one.

    `modelled` holds, by place (`""`, `line_items[]`, ...), the parameters that the sandbox acts upon: one
    that Stripe knows and the sandbox would ignore is refused rather than dropped silently.
    """
    return _object(params, schema, "", "", modelled)


@cache
def _fields(schema: type) -> dict[str, Any]:
    # Names of the inherited request options, which the parameters' own modules do not import.
    hints = typing.get_type_hints(schema, localns={"StripeContext": object, "Mapping": Mapping})
    return {name: hint for name, hint in hints.items() if name not in RequestOptions.__annotations__}


def _object(given: JsonObject, schema: type, path: str, place: str, modelled: Modelled) -> JsonObject:
    fields = _fields(schema)
    checked: JsonObject = {}
    for name, value in given.items():
        param = f"{path}[{name}]" if path else name
        if name not in fields:
            raise ApiError(400, f"Received unknown parameter: {param}", code="parameter_unknown", param=param)
        if place in modelled and name not in modelled[place]:
            raise ApiError(400, f"The payment sandbox does not model the parameter {param}.", param=param)
        inner = f"{place}.{name}" if place else name
        checked[name] = _value(value, fields[name], param, inner, modelled)
    for name in getattr(schema, "__required_keys__", frozenset()):
        if name not in given:
            raise missing(f"{path}[{name}]" if path else name)
    return checked


def _value(value: Any, hint: Any, param: str, place: str, modelled: Modelled) -> Any:
    choices = _choices(hint)
    item = next((typing.get_args(choice)[0] for choice in choices if typing.get_origin(choice) is list), None)
    if item is not None:
        values = _elements(value, param)
        return [_value(each, item, f"{param}[{i}]", f"{place}[]", modelled) for i, each in enumerate(values)]
    if isinstance(value, dict):
        schema = next((c for c in choices if _is_params(c)), None)
        if schema is not None:
            return _object(value, schema, param, place, modelled)
        if any(typing.get_origin(c) is dict for c in choices):
            return _metadata(value, param)
        raise _invalid("object", param)
    return _scalar(str(value), choices, param)


def _elements(value: Any, param: str) -> list[Any]:
    """The values of a dict whose keys are all indices, in the indices' order."""
    if not isinstance(value, dict) or not all(key.isascii() and key.isdigit() for key in value):
        raise _invalid("array", param)
    return [value[key] for key in sorted(value, key=int)]


def _choices(hint: Any) -> tuple[Any, ...]:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return tuple(choice for member in typing.get_args(hint) for choice in _choices(member))
    return (hint,)


def _is_params(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, dict) and hasattr(hint, "__required_keys__")


def _scalar(value: str, choices: tuple[Any, ...], param: str) -> Any:
    literals = [v for c in choices if typing.get_origin(c) is Literal for v in typing.get_args(c)]
    if value == "" and "" not in literals:
        message = f"An empty string is no value for {param}; leave the parameter out instead."
        raise ApiError(400, message, code="parameter_invalid_empty", param=param)
    if value in literals:
        return value
    if any(literals):
        names = ", ".join(str(name) for name in literals if name)
        raise ApiError(400, f"Invalid {param}: must be one of {names}", param=param)
    if bool in choices:
        return _boolean(value, param)
    if int in choices:
        return _integer(value, param)
    if str not in choices:
        raise _invalid("string", param)
    if len(value) > STRING_LENGTH:
        message = f"Invalid string: {param} has more than {STRING_LENGTH} characters"
        raise ApiError(400, message, code="parameter_invalid_string", param=param)
    return value


def _boolean(value: str, param: str) -> bool:
    if value not in ("true", "false"):
        raise ApiError(400, f"Invalid boolean: {value[:40]}", param=param)
    return value == "true"


def _integer(value: str, param: str) -> int:
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= INTEGER_DIGITS):
        message = f"Invalid integer: {value[:40]}"
        raise ApiError(400, message, code="parameter_invalid_integer", param=param)
    return int(value)


def _metadata(given: JsonObject, param: str) -> dict[str, str]:
    if len(given) > METADATA_KEYS_LIMIT:
        raise ApiError(400, f"{param} can have up to {METADATA_KEYS_LIMIT} keys", param=param)
    for key, value in given.items():
        if not isinstance(value, str):
            raise _invalid("object", f"{param}[{key}]")
        if len(key) > METADATA_KEY_LENGTH or len(value) > METADATA_VALUE_LENGTH:
            message = (
                f"Metadata keys have at most {METADATA_KEY_LENGTH} characters and values at most "
                f"{METADATA_VALUE_LENGTH}: {param}[{key[:METADATA_KEY_LENGTH]}]"
            )
            raise ApiError(400, message, param=f"{param}[{key[:METADATA_KEY_LENGTH]}]")
    # An empty value unsets its key, so that a new object never shows it.
    return {key: value for key, value in given.items() if value}


def _invalid(shape: str, param: str) -> ApiError:
    return ApiError(400, f"Invalid {shape} for parameter {param}", param=param)
