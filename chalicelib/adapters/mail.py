"""Amazon SES: one mail to one address. The only place that speaks to it."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import aws
from chalicelib.core.errors import UpstreamFailed
from chalicelib.core.mail import Mail
from chalicelib.settings import settings


class SesMailer:
    """Satisfies ``core.mail.Mailer``."""

    @property
    def sender(self) -> str:
        return settings().mail_sender

    def send(self, mail: Mail) -> str:
        try:
            answer = aws.client("sesv2").send_email(
                FromEmailAddress=self.sender,
                Destination={"ToAddresses": [mail.to]},
                Content={"Simple": _content(mail)},
            )
        except (BotoCoreError, ClientError) as error:
            # Their own words may name the address, which belongs in no log.
            raise UpstreamFailed(f"SES did not take the mail: {_kind(error)}.") from None
        message_id: str = answer["MessageId"]
        return message_id


def _content(mail: Mail) -> Any:
    content: dict[str, Any] = {
        "Subject": _utf8(mail.subject),
        "Body": {"Text": _utf8(mail.text), "Html": _utf8(mail.html)},
    }
    if mail.attachments:
        content["Attachments"] = [
            {
                "FileName": attachment.name,
                "ContentType": attachment.content_type,
                "ContentTransferEncoding": "BASE64",
                "RawContent": attachment.text.encode(),
            }
            for attachment in mail.attachments
        ]
    return content


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}


def _kind(error: BotoCoreError | ClientError) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__
