"""The zip holds what the app imports, and little else."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from infra.bundle import ZIP_NAME, PackagingFailed, check_zip
from infra.libraries import SERVICES
from infra.package import package


def test_the_zip_is_small_and_describes_only_the_services_that_are_called(packaged: Path) -> None:
    with zipfile.ZipFile(packaged / ZIP_NAME) as archive:
        names = archive.namelist()
    described = {
        name.split("/")[2] for name in names if name.startswith("botocore/data/") and name.count("/") > 2
    }
    assert described == {"cognito-idp", "dynamodb", "s3", "scheduler", "sesv2", "sqs", "ssm", "sts"}
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


CLIENTS = f"""
import botocore.session
session = botocore.session.get_session()
keys = dict(aws_access_key_id="none", aws_secret_access_key="none")
found = {{
    (service, region): (
        client.meta.endpoint_url,
        client.meta.config.signature_version,
        len(client.meta.method_to_api_mapping),
        [each.name for each in client.meta.service_model.client_context_parameters],
    )
    for service in {SERVICES!r}
    for region in ("us-east-1", "eu-central-1", "eu-south-2", "cn-north-1")
    for client in [session.create_client(service, region_name=region, **keys)]
}}
"""


def test_clients_of_the_trimmed_library_are_those_of_the_whole(packaged: Path) -> None:
    whole: dict[str, Any] = {}
    exec(CLIENTS, whole)
    assert len(whole["found"]) == 4 * len(SERVICES)
    check_zip(packaged / ZIP_NAME, f"{CLIENTS}\nassert found == {whole['found']!r}, found")


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
