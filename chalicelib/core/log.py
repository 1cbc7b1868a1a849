"""One line of JSON for each thing worth knowing. No personal data: ids only."""

import json
import sys


def log(event: str, **facts: object) -> None:
    """For example ``log("session_ended", platform_id=…, session_id=…)``."""
    sys.stdout.write(json.dumps({"event": event} | facts, default=str, ensure_ascii=False) + "\n")
