"""The zip, unpacked for a measurement: as it is deployed, and as it would be without bytecode."""

import shutil
import sysconfig
import zipfile
from pathlib import Path

from infra.bundle import ZIP_NAME
from infra.libraries import compiled
from infra.package import ROOT, package

_INSTALLED = Path(sysconfig.get_paths()["purelib"])
_PROGRAMS = ROOT / "infra" / "bench" / "programs"


def unpack(folder: Path) -> Path:
    """What Lambda unpacks, and the measured programs beside it, as bytecode too."""
    with zipfile.ZipFile(package() / ZIP_NAME) as archive:
        archive.extractall(folder)
    sources = [ROOT / "infra/__init__.py", ROOT / "infra/bench/__init__.py", *sorted(_PROGRAMS.glob("*.py"))]
    programs = {str(path.relative_to(ROOT)): path.read_bytes() for path in sources}
    for name, content in compiled(programs, folder.with_name("compiled")).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def without_bytecode(folder: Path, unpacked: Path) -> Path:
    """A copy of ``unpacked`` in which the source of each module stands in the place of its bytecode."""
    shutil.copytree(unpacked, folder)
    for path in list(folder.rglob("*.pyc")):
        if path.relative_to(folder).parts[0].endswith(".data"):
            continue  # a library's scripts, which nothing imports
        source = path.with_suffix(".py")
        shutil.copy(_source(source.relative_to(folder)), source)
        path.unlink()
    return folder


def with_whole_data(folder: Path, unpacked: Path) -> Path:
    """A copy of ``unpacked`` with botocore's data as it is installed: of all services, with its prose."""
    shutil.copytree(unpacked, folder)
    shutil.rmtree(folder / "botocore" / "data")
    shutil.copytree(_INSTALLED / "botocore" / "data", folder / "botocore" / "data")
    return folder


def _source(name: Path) -> Path:
    """Ours from the checkout, a library's from the environment, which holds the same versions."""
    ours = ROOT / name
    return ours if ours.exists() else _INSTALLED / name
