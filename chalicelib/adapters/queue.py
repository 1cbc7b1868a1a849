"""Messages to a worker, over SQS."""

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import aws
from chalicelib.core.errors import UpstreamFailed
from chalicelib.settings import settings


class ExportQueue:
    """Satisfies ``reports.port.Queue``."""

    def send(self, message: dict[str, Any]) -> None:
        """At least once, in no order. ``UpstreamFailed``."""
        try:
            aws.client("sqs").send_message(
                QueueUrl=settings().export_queue_url, MessageBody=json.dumps(message)
            )
        except (BotoCoreError, ClientError) as error:
            raise UpstreamFailed("The message could not be sent.") from error
