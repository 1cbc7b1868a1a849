"""The mails that the embedded AWS has taken."""

import json
import urllib.request
from typing import Any

from infra.local.running import RunningStack


def mails_about(stack: RunningStack, what: str) -> list[dict[str, Any]]:
    """Those whose text names a thing, in the order in which they were sent."""
    with urllib.request.urlopen(stack.mail_url, timeout=30) as answer:
        accounts = json.loads(answer.read())["messages"]
    return [mail for mails in accounts.values() for mail in mails if what in mail["BodyText"]]
