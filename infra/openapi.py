"""``python -m infra.openapi``: write the API's document to ``openapi.json``, which is committed."""

import json
from pathlib import Path

from chalicelib.routing import blueprints
from chalicelib.web import openapi

PATH = Path(__file__).parent.parent / "openapi.json"


def text() -> str:
    """The document as it is committed: a stable order, so that a change shows as the change that it is."""
    return json.dumps(openapi.document(blueprints()), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
