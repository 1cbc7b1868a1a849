"""The verifier over a ledger of so many entries, which are made as they are read.

No network: each item is decoded as DynamoDB would send it. A wallet's journal of 100 lines is made once, by
the wallet's own rules, and then given to as many owners as are wanted.
"""

import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chalicelib.core.money import Money
from chalicelib.table.base import Item
from chalicelib.verifier.model import Seen
from chalicelib.verifier.scan import seen
from chalicelib.verifier.service import verify
from chalicelib.wallet.ledger import Journal, Posting
from chalicelib.wallet.model import Grant, Origin, Wallet
from chalicelib.wallet.service import Movement, Wallets

LINES = 100  # of each wallet
_OWNER = "6f1d3c52-8a47-4b0e-9d56-3f7b2a1cOWNER"
_NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
_STATUS = Path("/proc/self/status")


def items(entries: int) -> Iterator[dict[str, Any]]:
    """So many entries, of which every hundred is one wallet's, and the wallets; as DynamoDB holds them."""
    text = json.dumps([item.serialize() for item in _journal()])
    for number in range(entries // LINES):
        yield from json.loads(text.replace("OWNER", f"{number:05x}"))


def _journal() -> Iterator[Item]:
    """A grant, and then a hold, a capture and a spend again and again; the wallet as it is left."""
    wallets, wallet = Wallets(), Wallet(platform_id="studio", owner_id=_OWNER, asset="credit")
    for line in range(1, LINES + 1):
        moved = _step(wallets, wallet, line)
        stored, entry = (write.item for write in moved.writes)
        wallet = stored.loaded()
        yield entry
    yield stored


def _step(wallets: Wallets, wallet: Wallet, line: int) -> Movement:
    into = [Posting(account="revenue", asset="credit", amount=3)]
    journal = Journal(operation=f"step:{_OWNER}:{line}", kind="bench", at=_NOW, reference={"bench": _OWNER})
    match line % 3:
        case 1 if line == 1:
            grant = Grant(origin=Origin.ADJUSTMENT, amount=500, cost=Money(149_000, "TRY"))
            return wallets.prepare_grant(wallet, grant, journal)
        case 2:
            return wallets.prepare_hold(wallet, 3, f"hld_{line}", {"bench": _OWNER}, journal)
        case 0:
            return wallets.prepare_capture(wallet, f"hld_{line - 1}", into, journal)
    return wallets.prepare_spend(wallet, 3, into, journal)


def measure(entries: int) -> None:
    """Print what decoding the items takes and what verifying them takes, and the most memory of both."""
    decoding = _seconds(map(seen, items(entries)))
    verifying = _seconds(verify(map(seen, items(entries))))
    print(json.dumps({"decoding": decoding, "verifying": verifying, "peak_bytes": _peak_bytes()}))


def _peak_bytes() -> int:
    """The most memory of this program. On Linux ``ru_maxrss`` would begin with what its parent had."""
    if _STATUS.exists():
        (most,) = [line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(most.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _seconds(work: Iterable[Any]) -> float:
    """CPU time, the kernel's part too; a difference would be a fault of the generated ledger."""
    began = time.process_time()
    found = next((each for each in work if not isinstance(each, Seen)), None)
    if found is not None:
        raise AssertionError(str(found))
    return time.process_time() - began
