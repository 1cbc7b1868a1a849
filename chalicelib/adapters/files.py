"""Files in S3."""

from typing import Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import aws
from chalicelib.core.errors import UpstreamFailed
from chalicelib.settings import settings

LINK_SECONDS = 300


class S3Files:
    """Satisfies ``reports.port.Files``."""

    def put(self, key: str, content: BinaryIO, content_type: str) -> None:
        """One request; the bucket encrypts. ``UpstreamFailed``."""
        try:
            aws.client("s3").put_object(
                Bucket=settings().exports_bucket, Key=key, Body=content, ContentType=content_type
            )
        except (BotoCoreError, ClientError) as error:
            raise UpstreamFailed("The file could not be kept.") from error

    def link(self, key: str, file_name: str) -> str:
        """A presigned address; it is made here, without a call. ``file_name`` is ASCII without quotes."""
        asked: dict[str, Any] = {
            "Bucket": settings().exports_bucket,
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{file_name}"',
        }
        url: str = aws.client("s3").generate_presigned_url("get_object", Params=asked, ExpiresIn=LINK_SECONDS)
        return url
