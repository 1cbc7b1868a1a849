"""Amazon SES: one mail to one address. The only place that speaks to it."""

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import aws
from chalicelib.core.errors import UpstreamFailed
from chalicelib.core.mail import Mail
from chalicelib.settings import settings


class SesMailer:
    """Satisfies ``core.mail.Mailer``."""

    def send(self, mail: Mail) -> str:
        try:
            answer = aws.client("sesv2").send_email(
                FromEmailAddress=settings().mail_sender,
                Destination={"ToAddresses": [mail.to]},
                Content={
                    "Simple": {
                        "Subject": _utf8(mail.subject),
                        "Body": {"Text": _utf8(mail.text), "Html": _utf8(mail.html)},
                    }
                },
            )
        except (BotoCoreError, ClientError) as error:
            # Their own words may name the address, which belongs in no log.
            raise UpstreamFailed(f"SES did not take the mail: {_kind(error)}.") from None
        message_id: str = answer["MessageId"]
        return message_id


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}


def _kind(error: BotoCoreError | ClientError) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__
