"""Turn the checkout into what is deployed: ``sam.json`` and ``deployment.zip`` in one folder.

``python -m infra.package [--force]`` does nothing when nothing that goes in has changed.
"""

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.bundle import ZIP_NAME, PackagingFailed, check_zip, read_zip, run_chalice, write_zip
from infra.libraries import libraries
from infra.locks import locked
from infra.progress import step
from infra.templates import merged

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / ".local" / "package"
TEMPLATE_NAME, STAMP_NAME = "sam.json", "inputs.sha256"
_INPUTS = ("app.py", "requirements.txt", "chalicelib", ".chalice", "infra/aws", "infra/requirements.txt")
_TOOLS = ("infra/package.py", "infra/libraries.py", "infra/bundle.py", "infra/templates.py")


def package(folder: Path = PACKAGE, *, force: bool = False) -> Path:
    """Make ``folder`` hold the deployable package of this checkout, and return it."""
    with locked(folder.with_suffix(".lock"), wait=True):
        stamp, digest = folder / STAMP_NAME, _inputs_digest()
        if force or not stamp.exists() or stamp.read_text() != digest:
            with step("Packaging the app"):
                _make(folder)
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
    for name in (*_INPUTS, *_TOOLS):
        path = ROOT / name
        found = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        yield from (p for p in found if "__pycache__" not in p.parts and "deployments" not in p.parts)


def _make(folder: Path) -> None:
    """Let Chalice package a copy of the app, and add the libraries, which seldom change, from a zip kept."""
    shutil.rmtree(folder, ignore_errors=True)
    kept = libraries(ROOT / "requirements.txt", folder.parent / "libraries")
    with tempfile.TemporaryDirectory(prefix="seans-package-") as made:
        project, out, ours = Path(made) / "project", Path(made) / "out", Path(made) / "resources.json"
        _copy_app(project)
        ours.write_text(json.dumps(merged(ROOT / "infra/aws")))
        run_chalice(project, out, "--merge-template", str(ours))
        folder.mkdir(parents=True)
        _write_template(out / TEMPLATE_NAME, folder / TEMPLATE_NAME)
        app = {name: content for name, content in read_zip(out / ZIP_NAME).items() if _is_app(name)}
        write_zip(folder / ZIP_NAME, read_zip(kept) | app)
    check_zip(folder / ZIP_NAME, "import app")


def _copy_app(project: Path) -> None:
    without_bytecode = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "chalicelib", project / "chalicelib", ignore=without_bytecode)
    shutil.copytree(ROOT / ".chalice", project / ".chalice", ignore=shutil.ignore_patterns("deploy*"))
    shutil.copy(ROOT / "app.py", project)
    (project / "requirements.txt").touch()


def _is_app(name: str) -> bool:
    """Whether it is ours and no README; Chalice's own few modules come with the libraries."""
    return name == "app.py" or (name.startswith("chalicelib/") and not name.endswith(".md"))


def _write_template(source: Path, target: Path) -> None:
    """In one order, so that the same template is the same file."""
    template: dict[str, Any] = json.loads(source.read_text())
    target.write_text(json.dumps(template, indent=1, sort_keys=True))


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
