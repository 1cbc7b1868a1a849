"""The import contracts hold, and a planted violation breaks them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).parent / "lint-imports"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the contracts speak of, with two features of one room each beside what is there."""
    for name in ("chalicelib", "infra"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [str(LINT), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


def plant(checkout: Path, module: str, line: str) -> None:
    path = checkout / f"{module.replace('.', '/')}.py"
    path.parent.mkdir(exist_ok=True)
    (path.parent / "__init__.py").touch()
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}\n{line}\n")


def test_the_contracts_hold(checkout: Path) -> None:
    done = lint(checkout)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("chalicelib.core.money", "import chalicelib.table.keys", "The house"),
        ("chalicelib.table.keys", "import chalicelib.web.blueprint", "The house"),
        ("chalicelib.platforms.model", "import chalicelib.accounts.model", "The house"),
        ("chalicelib.wallet.planted", "import chalicelib.orders.service", "The house"),
        ("chalicelib.gossip.model", "", "The house"),
        ("chalicelib.wallet.model", "import chalicelib.wallet.rules", "Inside a feature"),
        ("chalicelib.booking.service", "import chalicelib.wallet.rules", "are its own"),
        ("chalicelib.booking.planted", "import chalicelib.wallet.store", "are its own"),
        ("chalicelib.wallet.rules", "import chalicelib.table.keys", "are pure"),
        ("chalicelib.wallet.service", "import chalicelib.web.body", "HTTP ends"),
        ("chalicelib.wallet.service", "import chalicelib.adapters.planted", "by its port"),
        ("chalicelib.adapters.planted", "import chalicelib.table.keys", "Adapters speak"),
        ("chalicelib.core.planted", "import infra.deploy", "goes to Lambda"),
    ],
)
def test_a_planted_violation_breaks_its_contract(
    checkout: Path, module: str, line: str, contract: str
) -> None:
    for other in ("adapters.planted", "wallet.rules", "wallet.store", "orders.service", "accounts.model"):
        plant(checkout, f"chalicelib.{other}", "")
    plant(checkout, module, line)
    done = lint(checkout)
    broken = [
        name for name in done.stdout.replace("\n", " ").split("Broken contracts")[1:] if contract in name
    ]
    assert done.returncode == 1
    assert broken, done.stdout
