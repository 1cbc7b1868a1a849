"""One origin for the browser: what may be kept, what may be loaded, who may read the files."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.site import ConsoleNotBuilt, publish
from infra.templates import TemplatesClash, merged

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
FOUND = {
    "ConsoleBucketName": "b",
    "IdentityUrl": "https://cognito.example/",
    "Region": "eu-central-1",
    "UserPoolClientId": "c1",
}


@pytest.fixture
def distribution(template: dict[str, Any]) -> dict[str, Any]:
    return template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]


def behaviors(distribution: dict[str, Any]) -> dict[str, dict[str, Any]]:
    ordered = {behavior["PathPattern"]: behavior for behavior in distribution["CacheBehaviors"]}
    return {"*": distribution["DefaultCacheBehavior"], **ordered}


def test_only_what_is_named_by_its_hash_is_kept(distribution: dict[str, Any]) -> None:
    kept = {path: b["CachePolicyId"] != CACHING_DISABLED for path, b in behaviors(distribution).items()}
    assert kept == {"*": False, "/api/*": False, "/assets/*": True}


def test_no_error_of_the_api_becomes_the_console(distribution: dict[str, Any]) -> None:
    assert "CustomErrorResponses" not in distribution
    assert "FunctionAssociations" not in behaviors(distribution)["/api/*"]


def test_aws_itself_is_spoken_to_by_tls_alone(distribution: dict[str, Any]) -> None:
    policies = {path: b["ViewerProtocolPolicy"]["Fn::If"][2] for path, b in behaviors(distribution).items()}
    assert policies == {"*": "redirect-to-https", "/api/*": "https-only", "/assets/*": "redirect-to-https"}
    (api,) = [origin for origin in distribution["Origins"] if "CustomOriginConfig" in origin]
    assert api["CustomOriginConfig"]["OriginProtocolPolicy"]["Fn::If"][2] == "https-only"
    assert api["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]


def test_the_gateway_gives_up_before_the_edge_does(
    distribution: dict[str, Any], functions: dict[str, Any]
) -> None:
    (api,) = [origin for origin in distribution["Origins"] if "CustomOriginConfig" in origin]
    assert api["CustomOriginConfig"]["OriginReadTimeout"] > functions["APIHandler"]["Timeout"]


def test_the_stage_is_the_prefix_of_the_path(template: dict[str, Any], distribution: dict[str, Any]) -> None:
    stage = template["Resources"]["RestAPI"]["Properties"]["StageName"]
    assert f"/{stage}/*" in behaviors(distribution)
    (api,) = [origin for origin in distribution["Origins"] if "CustomOriginConfig" in origin]
    assert api["OriginPath"]["Fn::If"][2] == ""


def test_the_files_are_read_by_the_distribution_alone(template: dict[str, Any]) -> None:
    bucket = template["Resources"]["ConsoleBucket"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    statements = template["Resources"]["ConsoleBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (allowed,) = [statement for statement in statements if statement["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert "Distribution" in json.dumps(allowed["Condition"]["StringEquals"]["AWS:SourceArn"])
    assert allowed["Action"] == ["s3:GetObject", "s3:ListBucket"]
    (denied,) = [statement for statement in statements if statement["Effect"] == "Deny"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_console_loads_nothing_but_its_own(template: dict[str, Any]) -> None:
    policy = template["Resources"]["ConsoleHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    security = policy["SecurityHeadersConfig"]
    text, _ = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    directives = dict(directive.strip().split(" ", 1) for directive in text.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert directives["connect-src"] == "'self' ${Identity}"
    assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    assert "unsafe" not in text
    assert "*" not in text
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
    assert all(header["Override"] is True for header in security.values())


class Bucket:
    """Remembers what was put into it, in order."""

    def __init__(self) -> None:
        self.put: dict[str, dict[str, Any]] = {}

    def put_object(self, **request: Any) -> None:
        self.put[request["Key"]] = request


@pytest.fixture
def build(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    for name in ("index.html", "config.json", "favicon.svg", "assets/main-1a2b.js", "assets/font-3c.woff2"):
        (tmp_path / name).write_text(name)
    return tmp_path


def test_the_page_comes_after_all_that_it_names(build: Path) -> None:
    bucket = Bucket()
    publish(lambda _: bucket, FOUND, build)
    assert list(bucket.put)[-1] == "index.html"
    assert set(bucket.put) == {
        *("index.html", "config.json", "favicon.svg", "assets/main-1a2b.js", "assets/font-3c.woff2")
    }
    assert {put["Bucket"] for put in bucket.put.values()} == {"b"}


def test_browsers_keep_what_is_named_by_its_hash_and_ask_for_the_rest(build: Path) -> None:
    bucket = Bucket()
    publish(lambda _: bucket, FOUND, build)
    kept = {name for name, put in bucket.put.items() if "immutable" in put["CacheControl"]}
    assert kept == {"assets/main-1a2b.js", "assets/font-3c.woff2"}
    assert {put["CacheControl"] for name, put in bucket.put.items() if name not in kept} == {"no-cache"}
    assert bucket.put["index.html"]["ContentType"] == "text/html; charset=utf-8"


def test_the_console_is_told_of_its_own_deployment(build: Path) -> None:
    bucket = Bucket()
    publish(lambda _: bucket, FOUND, build)
    assert json.loads(bucket.put["config.json"]["Body"]) == {
        "api_base": "/api",
        "region": "eu-central-1",
        "user_pool_client_id": "c1",
        "cognito_endpoint": "https://cognito.example/",
    }


def test_a_console_that_is_not_built_is_told_before_anything_is_uploaded(tmp_path: Path) -> None:
    bucket = Bucket()
    with pytest.raises(ConsoleNotBuilt, match=r"index\.html is not there"):
        publish(lambda _: bucket, FOUND, tmp_path)
    assert not bucket.put


def test_two_files_of_the_template_may_not_name_the_same_thing(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("Resources: {Table: {Type: A}, Queue: {Type: !Ref B}}")
    (tmp_path / "b.yaml").write_text("Outputs: {Name: {Value: !GetAtt Table.Arn}}")
    assert merged(tmp_path) == {
        "Resources": {"Table": {"Type": "A"}, "Queue": {"Type": {"Ref": "B"}}},
        "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Table", "Arn"]}}},
    }
    (tmp_path / "c.yaml").write_text("Resources: {Table: {Type: C}}")
    with pytest.raises(TemplatesClash, match=r"c\.yaml: Resources has Table already"):
        merged(tmp_path)
