"""The command that deploys to AWS: what is wrong is one line, before anything changes."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra import to_aws

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "stage": "prod",
    "region": "eu-central-1",
    "mail-sender": "no-reply@example.org",
    "alarm-email": "ops@example.org",
}


def arguments(**changed: str) -> list[str]:
    given = GOOD | {name.replace("_", "-"): value for name, value in changed.items()}
    return [part for name, value in given.items() for part in (f"--{name}", value)]


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"stage": ""}, "STAGE=: name the deployment"),
        ({"stage": "Prod"}, "STAGE=Prod: name the deployment"),
        ({"stage": "a" * 21}, f"STAGE={'a' * 21}: name the deployment"),
        ({"region": ""}, "REGION=: AWS has no such region"),
        ({"region": "eu-central-9"}, "REGION=eu-central-9: AWS has no such region"),
        ({"mail_sender": ""}, "MAIL_SENDER=: give an e-mail address."),
        ({"mail_sender": "no-reply@localhost"}, "MAIL_SENDER=no-reply@localhost: give an e-mail address."),
        ({"alarm_email": ""}, "ALARM_EMAIL=: give an e-mail address."),
        ({"traces": "maybe"}, "TRACES=maybe: it is on or off."),
    ],
)
def test_a_wrong_parameter_is_one_clear_line_and_status_2(
    changed: dict[str, str], line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(to_aws, "_target", lambda _: pytest.fail("AWS was asked"))
    with pytest.raises(SystemExit) as ended:
        to_aws.main(arguments(**changed))
    assert ended.value.code == 2
    (told,) = capsys.readouterr().out.splitlines()
    assert told.startswith(line)


def test_what_is_right_has_no_fault() -> None:
    assert list(to_aws.faults(to_aws._arguments().parse_args(arguments()))) == []


def test_without_credentials_nothing_is_begun(tmp_path: Path) -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "infra.to_aws", *arguments()],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "AWS does not let us in" in done.stdout or "has not been built" in done.stdout
    assert len(done.stdout.splitlines()) == 1
