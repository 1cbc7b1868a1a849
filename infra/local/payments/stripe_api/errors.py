"""Errors in Stripe's shape, from which the SDK raises its own exceptions."""

from infra.local.payments.messages import JsonObject, Response, json_response


class ApiError(Exception):
    """An answer other than 200. `executed`: it came from doing the call, so its idempotency key keeps it."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        executed: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.executed = executed
        self._fields = {"type": kind, "message": message, "code": code, "param": param}

    def body(self) -> JsonObject:
        """`{"error": {type, message, code?, param?}}`."""
        return {"error": {name: value for name, value in self._fields.items() if value is not None}}

    def response(self) -> Response:
        """The error as an HTTP response."""
        return json_response(self.status, self.body())


def missing(param: str) -> ApiError:
    """A required parameter is not there."""
    return ApiError(400, f"Missing required param: {param}.", code="parameter_missing", param=param)


def no_such(kind: str, object_id: str, param: str) -> ApiError:
    """The object does not exist in this account."""
    return ApiError(404, f"No such {kind}: '{object_id}'", code="resource_missing", param=param)
