"""What API Gateway hands to the function: a REST proxy event."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4


def proxy_event(
    method: str,
    resource: str,
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
    claims: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """One request; ``claims`` are those of the ID token that the gateway has checked."""
    return {
        "resource": resource,
        "path": resource.format(**(path or {})),
        "httpMethod": method,
        "headers": {"Content-Type": "application/json", "Accept": "application/json"} | dict(headers or {}),
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()},
        "pathParameters": dict(path or {}),
        "stageVariables": None,
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {
            "requestId": str(uuid4()),
            "resourcePath": resource,
            "httpMethod": method,
            "identity": {"sourceIp": "127.0.0.1"},
            "authorizer": {"claims": dict(claims)} if claims else {},
        },
    }


def as_json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)
