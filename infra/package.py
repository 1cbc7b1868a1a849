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
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from infra.locks import locked
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
_EMPTY_APP = """
from chalice import Chalice
app = Chalice("seans")

@app.lambda_function()
def nothing(event, context):
    pass
"""
_EMPTY_CONFIG = {"version": "2.0", "app_name": "seans", "stages": {"main": {}}}
_EPOCH = (1980, 1, 1, 0, 0, 0)

_CHECK_APP = """
import app
"""
_CHECK_LIBRARIES = f"""
import boto3, openpyxl, stripe
stripe.StripeClient("sk_test_0").v1.checkout.sessions
for service in {SERVICES!r}:
    boto3.client(service, region_name="us-east-1")
"""


class PackagingFailed(Exception):
    """The package cannot be made; the message holds what the tool said."""


def package(folder: Path = PACKAGE, *, force: bool = False) -> Path:
    """Make ``folder`` hold the deployable package of this checkout, and return it."""
    with locked(folder.with_suffix(".lock"), wait=True):
        stamp, digest = folder / STAMP_NAME, _inputs_digest()
        if force or not stamp.exists() or stamp.read_text() != digest:
            with step("Packaging the app"):
                _make(folder)
            stamp.write_text(digest)
    return folder


def _make(folder: Path) -> None:
    """Let Chalice package a copy of the app, and add the libraries, which seldom change, from a zip kept."""
    shutil.rmtree(folder, ignore_errors=True)
    libraries = _libraries(folder.parent / "libraries")
    with tempfile.TemporaryDirectory(prefix="seans-package-") as made:
        project, out = Path(made) / "project", Path(made) / "out"
        _copy_app(project)
        _run_chalice(project, out, "--merge-template", str(ROOT / "infra/aws/resources.yaml"))
        folder.mkdir(parents=True)
        _write_template(out / "sam.yaml", folder / TEMPLATE_NAME)
        _write_zip(folder / ZIP_NAME, libraries, out / ZIP_NAME)
    check_zip(folder / ZIP_NAME)


def _libraries(folder: Path) -> Path:
    """The zip of what requirements.txt names; Chalice makes it for Lambda round an app that does nothing."""
    requirements = ROOT / "requirements.txt"
    digest = hashlib.sha256(f"{sys.version}{requirements.read_text()}".encode()).hexdigest()
    found = folder / f"{digest}.zip"
    if not found.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory(prefix="seans-libraries-") as made:
            project, out = Path(made) / "project", Path(made) / "out"
            (project / ".chalice").mkdir(parents=True)
            (project / ".chalice/config.json").write_text(json.dumps(_EMPTY_CONFIG))
            (project / "app.py").write_text(_EMPTY_APP)
            shutil.copy(requirements, project)
            _run_chalice(project, out)
            _write_zip(Path(made) / "libraries.zip", out / ZIP_NAME)
            check_zip(Path(made) / "libraries.zip", _CHECK_LIBRARIES)
            shutil.move(Path(made) / "libraries.zip", found)
    return found


def _copy_app(project: Path) -> None:
    without_bytecode = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "chalicelib", project / "chalicelib", ignore=without_bytecode)
    shutil.copytree(ROOT / ".chalice", project / ".chalice", ignore=shutil.ignore_patterns("deploy*"))
    shutil.copy(ROOT / "app.py", project)
    (project / "requirements.txt").touch()


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


def _run_chalice(project: Path, out: Path, *options: str) -> None:
    command = [
        str(Path(sys.executable).parent / "chalice"),
        *("--project-dir", str(project), "package", "--stage", "main", "--pkg-format", "cloudformation"),
        *("--template-format", "yaml", *options, str(out)),
    ]
    # The region is only asked for, never used.
    environment = os.environ | {"AWS_DEFAULT_REGION": "us-east-1", "PYTHONDONTWRITEBYTECODE": "1"}
    _run(command, cwd=project, env=environment)


def _write_template(source: Path, target: Path) -> None:
    """As JSON: CloudFormation refuses the anchors that Chalice's YAML holds."""
    template: dict[str, Any] = yaml.safe_load(source.read_text())
    target.write_text(json.dumps(template, indent=1, sort_keys=True))


def _write_zip(target: Path, *sources: Path) -> None:
    """What the app needs of ``sources``, a later one's files first, in one order and with one date.

    So the same code is the same zip, and deploying it again changes nothing.
    """
    with ExitStack() as opened, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        archives = [opened.enter_context(zipfile.ZipFile(source)) for source in sources]
        holders = {name: archive for archive in archives for name in archive.namelist() if _is_needed(name)}
        for name, archive in sorted(holders.items()):
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            new.writestr(entry, archive.read(name))


def _is_needed(name: str) -> bool:
    """Whether a file of Chalice's zip is one that the app can reach."""
    folder, _, rest = name.partition("/data/")
    if folder in ("botocore", "boto3") and "/" in rest:
        return rest.split("/")[0] in SERVICES
    return not name.endswith(("/", ".pyc")) and not name.startswith(_UNUSED)


def check_zip(path: Path, code: str = _CHECK_APP) -> None:
    """Prove that the zip alone, without this environment's packages, holds all that ``code`` imports."""
    with tempfile.TemporaryDirectory(prefix="seans-check-") as folder:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        # -I and -S: no site-packages, no PYTHONPATH, as in Lambda.
        check = f"import sys\nsys.path.insert(0, '.')\n{code}"
        _run([sys.executable, "-I", "-S", "-B", "-c", check], cwd=Path(folder), env=dict(os.environ))


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
