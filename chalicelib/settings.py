"""The only reader of the environment."""

import os
from functools import cache

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a deployment tells its code; every value is set by the CloudFormation template."""

    stage: str
    region: str
    table_name: str
    exports_bucket: str
    timer_queue_arn: str
    export_queue_url: str
    schedule_group: str
    scheduler_role_arn: str
    user_pool_id: str
    sign_up_client_id: str
    parameter_prefix: str
    stripe_api_base: str
    iyzico_api_base: str
    zarinpal_api_base: str
    twilio_api_base: str
    mail_sender: str


@cache
def settings() -> Settings:
    """Read once and on first use, never at import; a missing variable is a ``KeyError`` (fail closed)."""
    environment = os.environ
    return Settings(
        stage=environment["STAGE"],
        region=environment["AWS_REGION"],
        table_name=environment["TABLE_NAME"],
        exports_bucket=environment["EXPORTS_BUCKET"],
        timer_queue_arn=environment["TIMER_QUEUE_ARN"],
        export_queue_url=environment["EXPORT_QUEUE_URL"],
        schedule_group=environment["SCHEDULE_GROUP"],
        scheduler_role_arn=environment["SCHEDULER_ROLE_ARN"],
        user_pool_id=environment["USER_POOL_ID"],
        sign_up_client_id=environment["SIGN_UP_CLIENT_ID"],
        parameter_prefix=environment["PARAMETER_PREFIX"],
        stripe_api_base=environment["STRIPE_API_BASE"],
        iyzico_api_base=environment["IYZICO_API_BASE"],
        zarinpal_api_base=environment["ZARINPAL_API_BASE"],
        twilio_api_base=environment["TWILIO_API_BASE"],
        mail_sender=environment["MAIL_SENDER"],
    )
