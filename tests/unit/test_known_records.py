"""A function that imports only what its path needs must still know every item that it reads."""

import subprocess
import sys

from tests.conftest import ENVIRONMENT

READ_BY_EFFECTS = {
    *("account", "booking", "calendar", "export", "failed-payment", "feed", "order"),
    *("platform", "receipt", "sale", "session", "wallet", "lot-page"),
}
PROGRAM = """
from chalicelib import background
from chalicelib.table.base import Item
background.outbox()
for entity in {entities}:
    Item.entity.deserialize(entity)
"""


def test_the_outbox_knows_every_item_that_its_effects_read() -> None:
    """In a process of its own: here, some other test has imported the rest long ago."""
    program = PROGRAM.format(entities=sorted(READ_BY_EFFECTS))
    done = subprocess.run(
        [sys.executable, "-c", program], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
