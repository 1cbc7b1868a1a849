"""The deployment itself: the API answers, roles are narrow, the table and the queues are as the template says."""

import base64
import hmac
import json
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from infra.local.running import RunningStack


def call(
    url: str, method: str = "GET", headers: dict[str, str] | None = None
) -> tuple[int, str, dict[str, object]]:
    request = urllib.request.Request(url, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers["Content-Type"], json.loads(answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers["Content-Type"], json.loads(refusal.read())


def test_the_api_is_alive(stack: RunningStack) -> None:
    status, _, body = call(f"{stack.api_url}/v1/health")
    assert (status, body["status"]) == (200, "ok")


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/no-such-thing"), ("PATCH", "/v1/health")])
def test_an_unknown_route_is_a_problem_with_a_code(stack: RunningStack, method: str, path: str) -> None:
    status, content_type, body = call(f"{stack.api_url}{path}", method)
    assert (status, content_type) == (404, "application/problem+json")
    assert (body["status"], body["code"]) == (404, "NOT_FOUND")


def test_rubbish_expires(stack: RunningStack) -> None:
    described = stack.client("dynamodb").describe_time_to_live(TableName=stack.outputs["TableName"])
    assert described["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "expires_at",
    }


def test_the_table_cannot_be_deleted_by_mistake(stack: RunningStack) -> None:
    with pytest.raises(ClientError, match="protected against deletion"):
        stack.client("dynamodb").delete_table(TableName=stack.outputs["TableName"])


def test_the_payment_provider_is_there(stack: RunningStack) -> None:
    status, _, body = call(f"{stack.payments_url}/_sandbox/health")
    assert (status, body["status"]) == (200, "ok")


def test_nobody_signs_in_through_the_sign_up_client(stack: RunningStack) -> None:
    cognito, client_id = stack.client("cognito-idp"), stack.outputs["SignUpClientId"]
    described = cognito.describe_user_pool_client(UserPoolId=stack.outputs["UserPoolId"], ClientId=client_id)
    secret = described["UserPoolClient"]["ClientSecret"].encode()
    proof = base64.b64encode(hmac.digest(secret, f"nobody{client_id}".encode(), "sha256")).decode()
    with pytest.raises(ClientError, match="not enabled for this client"):
        cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "nobody", "PASSWORD": "nothing", "SECRET_HASH": proof},
        )


def test_nobody_signs_up_with_the_server_s_client_without_its_secret(stack: RunningStack) -> None:
    with pytest.raises(ClientError, match="SECRET_HASH"):
        stack.client("cognito-idp").sign_up(
            ClientId=stack.outputs["SignUpClientId"],
            Username="intruder",
            Password="long-enough-1",
            UserAttributes=[{"Name": "custom:platform", "Value": "platform-of-others"}],
        )
