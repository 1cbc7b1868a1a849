"""The console and the API stand at one address, as a browser finds them."""

import json
import urllib.request
from typing import Any

import pytest

from infra.local.api import Api, Reply, send
from infra.local.running import RunningStack


def get(stack: RunningStack, path: str) -> Reply:
    return send(urllib.request.Request(stack.console_url + path))


@pytest.mark.parametrize("path", ["/", "/credit-packages", "/reports/sales"])
def test_every_screen_is_the_one_page_and_is_asked_for_again(stack: RunningStack, path: str) -> None:
    page = get(stack, path)
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["cache-control"] == "no-cache"
    assert page.raw.lower().startswith(b"<!doctype html>")


def test_the_page_says_what_it_may_do(stack: RunningStack) -> None:
    headers = get(stack, "/").headers
    policy = headers["content-security-policy"]
    assert f"connect-src 'self' {stack.aws_endpoint};" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"].startswith("max-age=63072000")
    assert headers["referrer-policy"] == "same-origin"


def test_the_configuration_names_this_deployment(stack: RunningStack) -> None:
    config = get(stack, "/config.json")
    assert config.body["user_pool_client_id"] == stack.outputs["UserPoolClientId"]
    assert config.body["cognito_endpoint"] == f"{stack.aws_endpoint}/"
    assert config.headers["cache-control"] == "no-cache"
    assert get(stack, f"{config.body['api_base']}/v1/health").body == {"status": "ok"}


def test_the_api_answers_there_as_it_does_by_itself(stack: RunningStack, admin_token: str) -> None:
    behind, direct = Api(f"{stack.console_url}/api", admin_token), Api(stack.api_url, admin_token)
    assert behind.get("/v1/me") == direct.get("/v1/me")
    assert behind.get("/v1/admin/credit-packages", limit=1) == direct.get(
        "/v1/admin/credit-packages", limit=1
    )
    refused = behind.call("POST", "/v1/admin/credit-packages", {"name": 7})
    assert (refused.status, refused.headers["content-type"]) == (422, "application/problem+json")
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert Api(f"{stack.console_url}/api").call("GET", "/v1/me").status == 401
    assert Api(f"{stack.console_url}/api").call("GET", "/v1/nowhere").code == "NOT_FOUND"


def test_the_files_are_read_through_the_edge_alone(stack: RunningStack) -> None:
    bucket = stack.outputs["ConsoleBucketName"]
    assert send(urllib.request.Request(f"{stack.aws_endpoint}/{bucket}/index.html")).status == 403


def test_the_code_gives_out_the_one_address(stack: RunningStack) -> None:
    name = f"{stack.outputs['ParameterPrefix']}/api_url"
    kept = stack.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    assert kept == f"{stack.console_url}/api"


def test_scripts_find_the_address(stack: RunningStack) -> None:
    assert json.loads((stack.folder / "stack.json").read_text())["console_url"] == stack.console_url


@pytest.fixture(scope="module")
def admin_token(stack: RunningStack) -> str:
    (login,) = [
        login
        for login in stack.seeded["logins"]
        if login["role"] == "admin" and login["platform"] == "demo-sandbox"
    ]
    answer: dict[str, Any] = stack.client("cognito-idp").initiate_auth(
        ClientId=stack.outputs["UserPoolClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={
            "USERNAME": f"{login['platform']}:{login['email']}",
            "PASSWORD": login["password"],
        },
    )
    return answer["AuthenticationResult"]["IdToken"]
