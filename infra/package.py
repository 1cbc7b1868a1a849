"""Turn the checkout into what is deployed: ``sam.json`` and ``deployment.zip`` in one folder.

``python -m infra.package [--force]`` does nothing when nothing that goes in has changed.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from infra.progress import step

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / ".local" / "package"
TEMPLATE_NAME, ZIP_NAME, STAMP_NAME = "sam.json", "deployment.zip", "inputs.sha256"

# The AWS services that the code calls. botocore describes 400, which would be nine tenths of the zip.
SERVICES = ("cognito-idp", "dynamodb", "s3", "scheduler", "ses", "sesv2", "sqs", "ssm", "sts")
# Type hints only: the SDK imports them under TYPE_CHECKING, and a cold start pays for each file.
_UNUSED = ("stripe/params/", "boto3/examples/")
_INPUTS = (
    "app.py",
    "requirements.txt",
    "chalicelib",
    ".chalice",
    "infra/aws",
    "infra/package.py",
    "infra/requirements.txt",
)
_EPOCH = (1980, 1, 1, 0, 0, 0)

_CHECK = """
import sys
sys.path.insert(0, ".")
import app, boto3, openpyxl, stripe
stripe.StripeClient("sk_test_0").v1.checkout.sessions
for service in {services!r}:
    boto3.client(service, region_name="us-east-1")
assert all(m.__file__.startswith(sys.argv[1]) for m in (app, boto3, openpyxl, stripe))
"""


class PackagingFailed(Exception):
    """The package cannot be made; the message holds what the tool said."""


def package(folder: Path = PACKAGE, *, force: bool = False) -> Path:
    """Make ``folder`` hold the deployable package of this checkout, and return it."""
    stamp, digest = folder / STAMP_NAME, _inputs_digest()
    if not force and stamp.exists() and stamp.read_text() == digest:
        return folder
    with step("Packaging the app"):
        shutil.rmtree(folder, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="seans-package-") as made:
            _run_chalice(Path(made))
            folder.mkdir(parents=True)
            _write_template(Path(made) / "sam.yaml", folder / TEMPLATE_NAME)
            _write_zip(Path(made) / ZIP_NAME, folder / ZIP_NAME)
        check_zip(folder / ZIP_NAME)
    stamp.write_text(digest)
    return folder


def _inputs_digest() -> str:
    """One hash of the names and bytes of all that the package is made of, and of the Python that makes it."""
    digest = hashlib.sha256(sys.version.encode())
    for path in _input_files():
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _input_files() -> Iterator[Path]:
    for name in _INPUTS:
        path = ROOT / name
        found = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        yield from (p for p in found if "__pycache__" not in p.parts and "deployments" not in p.parts)


def _run_chalice(out: Path) -> None:
    command = [
        str(Path(sys.executable).parent / "chalice"),
        *("--project-dir", str(ROOT), "package", "--stage", "main", "--pkg-format", "cloudformation"),
        *("--template-format", "yaml", "--merge-template", str(ROOT / "infra/aws/resources.yaml"), str(out)),
    ]
    # The region is only asked for, never used.
    environment = os.environ | {"AWS_DEFAULT_REGION": "us-east-1", "PYTHONDONTWRITEBYTECODE": "1"}
    _run(command, cwd=ROOT, env=environment)
    # Chalice keeps every zip that it ever made.
    shutil.rmtree(ROOT / ".chalice" / "deployments", ignore_errors=True)


def _write_template(source: Path, target: Path) -> None:
    """As JSON: CloudFormation refuses the anchors that Chalice's YAML holds."""
    template: dict[str, Any] = yaml.safe_load(source.read_text())
    target.write_text(json.dumps(template, indent=1, sort_keys=True))


def _write_zip(source: Path, target: Path) -> None:
    """The same files in the same order with the same dates, so that the same code is the same zip."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(n for n in old.namelist() if _is_needed(n)):
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))


def _is_needed(name: str) -> bool:
    """Whether a file of Chalice's zip is one that the app can reach."""
    folder, _, rest = name.partition("/data/")
    if folder in ("botocore", "boto3") and "/" in rest:
        return rest.split("/")[0] in SERVICES
    return not name.endswith(("/", ".pyc")) and not name.startswith(_UNUSED)


def check_zip(path: Path) -> None:
    """Prove that the zip alone, without this environment's packages, holds all that the app imports."""
    with tempfile.TemporaryDirectory(prefix="seans-check-") as folder:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        # -I and -S: no site-packages, no PYTHONPATH, as in Lambda.
        check = _CHECK.format(services=SERVICES)
        _run([sys.executable, "-I", "-S", "-B", "-c", check, folder], cwd=Path(folder), env=dict(os.environ))


def _run(command: list[str], *, cwd: Path, env: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackagingFailed(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="package even if nothing has changed")
    try:
        print(package(force=parser.parse_args().force).relative_to(ROOT))
    except PackagingFailed as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
