"""The adapter of SES on moto."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from msgspec.structs import replace

from chalicelib import aws
from chalicelib.adapters.mail import SesMailer
from chalicelib.core.errors import UpstreamFailed
from chalicelib.core.mail import Attachment, Mail
from chalicelib.settings import settings

pytestmark = pytest.mark.usefixtures("table")
MAIL = Mail(to="ada@example.com", subject="Onaylandı – نوبت", text="düz", html="<p>düz</p>")


@pytest.fixture
def calls(table) -> list[dict[str, Any]]:
    """Every call as it is made."""
    made: list[dict[str, Any]] = []
    events = aws.client("sesv2").meta.events
    events.register("provide-client-params.sesv2.SendEmail", lambda params, **_: made.append(params))
    return made


def test_ses_takes_one_mail_from_the_sender_to_one_address(calls: list[dict[str, Any]]) -> None:
    aws.client("sesv2").create_email_identity(EmailIdentity=settings().mail_sender)
    assert SesMailer().send(MAIL)
    body = {
        "Text": {"Data": "düz", "Charset": "UTF-8"},
        "Html": {"Data": "<p>düz</p>", "Charset": "UTF-8"},
    }
    subject = {"Data": "Onaylandı – نوبت", "Charset": "UTF-8"}
    assert calls == [
        {
            "FromEmailAddress": "no-reply@example.com",
            "Destination": {"ToAddresses": ["ada@example.com"]},
            "Content": {"Simple": {"Subject": subject, "Body": body}},
        }
    ]


def test_a_file_goes_along(calls: list[dict[str, Any]]) -> None:
    aws.client("sesv2").create_email_identity(EmailIdentity=settings().mail_sender)
    file = Attachment(name="a.ics", content_type="text/calendar; method=REQUEST", text="Görüşme")
    assert SesMailer().send(replace(MAIL, attachments=[file]))
    assert calls[0]["Content"]["Simple"]["Attachments"] == [
        {
            "FileName": "a.ics",
            "ContentType": "text/calendar; method=REQUEST",
            "ContentTransferEncoding": "BASE64",
            "RawContent": "Görüşme".encode(),
        }
    ]


def test_a_sender_who_is_not_verified_is_a_failure_named_by_its_code() -> None:
    with pytest.raises(UpstreamFailed, match="MessageRejected"):
        SesMailer().send(MAIL)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ClientError({"Error": {"Code": "MessageRejected", "Message": MAIL.to}}, "SendEmail"),
            "MessageRejected",
        ),
        (ReadTimeoutError(endpoint_url=MAIL.to), "ReadTimeoutError"),
    ],
)
def test_a_failure_names_no_address(monkeypatch: pytest.MonkeyPatch, error: Exception, told: str) -> None:
    def refuse(**_: Any) -> None:
        raise error

    assert MAIL.to in str(error)
    monkeypatch.setattr(aws.client("sesv2"), "send_email", refuse)
    with pytest.raises(UpstreamFailed, match=told) as failed:
        SesMailer().send(MAIL)
    assert MAIL.to not in repr(failed.value)


def test_a_mail_is_tried_once_for_each_try_of_the_outbox() -> None:
    tries = {name: aws.client(name).meta.config.retries["total_max_attempts"] for name in ("sesv2", "sqs")}
    assert tries == {"sesv2": 1, "sqs": 3}
