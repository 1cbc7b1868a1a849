"""The one factory of AWS clients: the project's time-outs, and the place where tests put faults."""

from functools import cache
from typing import Any

import botocore.session
from botocore.client import Config


@cache
def _session() -> Any:
    return botocore.session.get_session()


@cache
def client(service: str) -> Any:
    """A botocore client for ``service``; made once, on first use, so that a path pays for what it needs."""
    config = Config(
        connect_timeout=1,
        read_timeout=3,
        # A mail that was sent again is there twice; the outbox tries again by itself.
        retries={"total_max_attempts": 1 if service == "sesv2" else 3, "mode": "standard"},
        # Without it a presigned URL that sets ResponseContentDisposition is refused (the SigV2 default).
        signature_version="s3v4" if service == "s3" else None,
        parameter_validation=service != "dynamodb",  # PynamoDB's writes are well formed; checking costs CPU
    )
    return _session().create_client(service, config=config)
