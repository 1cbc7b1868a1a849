"""The libraries of requirements.txt as Lambda wants them, in a zip that is kept until that file changes."""

import gzip
import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from infra.bundle import ZIP_NAME, check_zip, read_zip, run, run_chalice, write_zip

# The AWS services that the code calls. botocore describes 400, which would be nine tenths of the zip.
SERVICES = ("cognito-idp", "dynamodb", "s3", "scheduler", "sesv2", "sqs", "ssm", "sts")
# Under which endpoints are listed, beside the services' own names: that of SES.
_PREFIXES = {*SERVICES, "email"}
# Type hints, and a kind of event that the app does not take: a cold start pays for each file.
_UNUSED = ("stripe/params/", "stripe/events/", "app.py")
_APP = """
from chalice import Chalice
app = Chalice("seans")

@app.lambda_function()
def nothing(event, context):
    pass
"""
_CONFIG = {"version": "2.0", "app_name": "seans", "stages": {"main": {}}}
_CHECK = f"""
import botocore.session, openpyxl, pynamodb.models, stripe, ulid, zoneinfo
stripe.StripeClient("sk_test_0").v1.checkout.sessions
stripe.Event.construct_from({{"data": {{"object": {{"object": "payment_intent"}}}}}}, "")
for service in {SERVICES!r}:
    botocore.session.get_session().create_client(service, region_name="us-east-1")
"""


def libraries(requirements: Path, folder: Path) -> Path:
    """The zip, from ``folder`` or made anew."""
    inputs = [sys.version, requirements.read_text(), Path(__file__).read_text()]
    found = folder / f"{hashlib.sha256(repr(inputs).encode()).hexdigest()}.zip"
    if not found.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory(prefix="seans-libraries-") as made:
            shutil.move(_make(requirements, Path(made)), found)
    return found


def _make(requirements: Path, folder: Path) -> Path:
    """Chalice resolves the wheels for Lambda, round an app that does nothing."""
    project, out, target = folder / "project", folder / "out", folder / "libraries.zip"
    (project / ".chalice").mkdir(parents=True)
    (project / ".chalice/config.json").write_text(json.dumps(_CONFIG))
    (project / "app.py").write_text(_APP)
    shutil.copy(requirements, project)
    run_chalice(project, out)
    found = read_zip(out / ZIP_NAME).items()
    needed = {name: _trimmed(name, content) for name, content in found if _is_needed(name)}
    write_zip(target, compiled(needed, folder / "compiled"))
    check_zip(target, _CHECK)
    return target


def _is_needed(name: str) -> bool:
    folder, _, rest = name.partition("/data/")
    if folder == "botocore" and "/" in rest:
        return rest.split("/")[0] in SERVICES
    return not name.startswith(_UNUSED)


def _trimmed(name: str, content: bytes) -> bytes:
    """Of botocore's data what a call reads: each first connection parses all that is there."""
    if name == "botocore/data/endpoints.json":
        described = json.loads(content)
        for partition in described["partitions"]:
            services = partition["services"].items()
            partition["services"] = {prefix: each for prefix, each in services if prefix in _PREFIXES}
        return _compact(described)
    if name.endswith("/service-2.json.gz"):
        model = _undocumented(json.loads(gzip.decompress(content)))
        return gzip.compress(_compact(model), mtime=0)
    return content


def _undocumented(value: Any) -> Any:
    """A service's model without its prose. The key stays: botocore asks a client's parameters for theirs."""
    if isinstance(value, dict):
        return {key: _without_prose(key, each) for key, each in value.items()}
    return [_undocumented(each) for each in value] if isinstance(value, list) else value


def _without_prose(key: str, value: Any) -> Any:
    """A member that is called ``documentation`` is no text."""
    return "" if key == "documentation" and isinstance(value, str) else _undocumented(value)


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def compiled(files: dict[str, bytes], folder: Path) -> dict[str, bytes]:
    """Bytecode instead of source: Lambda's folder is read-only, so each start would compile it all anew."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    options = ["-q", "-b", "--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", "/var/task"]
    # One seed, so that the same source is the same bytecode.
    run([sys.executable, "-m", "compileall", *options, "."], folder, PYTHONHASHSEED="0")
    kept = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".py")
    return {str(path.relative_to(folder)): path.read_bytes() for path in kept}
