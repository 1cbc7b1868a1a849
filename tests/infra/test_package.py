"""The zip holds what the app imports, and little else."""

import zipfile
from pathlib import Path

import pytest

from infra.bundle import ZIP_NAME, PackagingFailed, check_zip
from infra.package import package


def test_the_zip_is_small_and_describes_only_the_services_that_are_called(packaged: Path) -> None:
    with zipfile.ZipFile(packaged / ZIP_NAME) as archive:
        names = archive.namelist()
    described = {
        name.split("/")[2] for name in names if name.startswith("botocore/data/") and name.count("/") > 2
    }
    assert described == {"cognito-idp", "dynamodb", "s3", "scheduler", "ses", "sesv2", "sqs", "ssm", "sts"}
    assert (packaged / ZIP_NAME).stat().st_size < 8_000_000
    assert not [
        name
        for name in names
        if name.startswith(("infra/", "tests/", "chalice/cli", "boto3/", "pip/")) or "__pycache__" in name
    ]


def test_the_zip_holds_bytecode_alone(packaged: Path) -> None:
    """Lambda's folder is read-only: what is not compiled here is compiled at each cold start."""
    with zipfile.ZipFile(packaged / ZIP_NAME) as archive:
        names = set(archive.namelist())
    assert {"app.pyc", "chalicelib/wiring.pyc", "chalice/app.pyc", "botocore/client.pyc"} <= names
    assert [name for name in names if name.endswith(".py")] == []


def test_nothing_is_packaged_again_when_nothing_has_changed(packaged: Path) -> None:
    before = (packaged / ZIP_NAME).stat().st_mtime_ns
    package()
    assert (packaged / ZIP_NAME).stat().st_mtime_ns == before


def test_a_zip_that_lacks_what_the_app_imports_is_refused(packaged: Path, tmp_path: Path) -> None:
    lacking = tmp_path / "lacking.zip"
    with zipfile.ZipFile(packaged / ZIP_NAME) as whole, zipfile.ZipFile(lacking, "w") as part:
        for name in whole.namelist():
            if not name.startswith("chalice/"):
                part.writestr(name, whole.read(name))
    with pytest.raises(PackagingFailed, match="No module named 'chalice'"):
        check_zip(lacking, "import app")
