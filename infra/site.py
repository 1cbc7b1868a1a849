"""Put the built console where CloudFront serves it from, with what tells it about its deployment."""

import json
import mimetypes
from collections.abc import Iterator
from pathlib import Path

from infra.deploy import ClientFactory, Outputs
from infra.package import ROOT

BUILD = ROOT / ".local" / "console"
PAGE, CONFIG = "index.html", "config.json"
_ASSETS = "assets/"
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


class ConsoleNotBuilt(Exception):
    """There is no console to serve."""


def publish(client: ClientFactory, found: Outputs, build: Path = BUILD) -> None:
    """Upload ``build`` for the stack whose outputs are ``found``. ``ConsoleNotBuilt`` before anything is.

    The page comes last: until then the old one names its own assets, which stay.
    """
    check_built(build)
    s3, bucket = client("s3"), found["ConsoleBucketName"]
    s3.put_object(
        Bucket=bucket,
        Key=CONFIG,
        Body=_config(found),
        ContentType="application/json",
        CacheControl=_ASK_AGAIN,
    )
    for path in _page_last(build):
        key = path.relative_to(build).as_posix()
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=path.read_bytes(),
            ContentType=_content_type(path),
            CacheControl=_FOR_EVER if key.startswith(_ASSETS) else _ASK_AGAIN,
        )


def check_built(build: Path = BUILD) -> None:
    """``ConsoleNotBuilt`` unless there is a page to serve."""
    if not (build / PAGE).is_file():
        raise ConsoleNotBuilt(f"{build / PAGE} is not there: the console has not been built.")


def _config(found: Outputs) -> bytes:
    """All that differs between two deployments of the same build; nothing in it is secret."""
    config = {
        "api_base": "/api",
        "region": found["Region"],
        "user_pool_client_id": found["UserPoolClientId"],
        "cognito_endpoint": found["IdentityUrl"],
    }
    return json.dumps(config).encode()


def _page_last(build: Path) -> Iterator[Path]:
    """The files; a build's own ``config.json`` is for its development server."""
    page, config = build / PAGE, build / CONFIG
    yield from sorted(path for path in build.rglob("*") if path.is_file() and path not in (page, config))
    yield page


def _content_type(path: Path) -> str:
    known, _ = mimetypes.guess_type(path.name)
    kind = known or "application/octet-stream"
    is_text = kind.startswith("text/") or kind in ("application/javascript", "application/json")
    return f"{kind}; charset=utf-8" if is_text else kind
