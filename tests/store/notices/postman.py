"""Somebody who carries mails, for tests to look at."""

from chalicelib.core.errors import UpstreamFailed
from chalicelib.core.mail import Mail


class Postman:
    """Satisfies ``core.mail.Mailer``: keeps the mails, and refuses those to the addresses in ``refused``."""

    sender = "no-reply@example.com"

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refused: set[str] = set()

    def send(self, mail: Mail) -> str:
        if mail.to in self.refused:
            raise UpstreamFailed
        self.mails.append(mail)
        return f"m{len(self.mails)}"
