"""object_lambda by each of its origins: applied from nothing, planned again, destroyed."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.local.object_lambda_stack import ACCOUNT, s3_control
from tools.local.deployment import deployment
from tools.local.emulator import Emulator
from tools.local.state import StateFolder

pytestmark = pytest.mark.xdist_group("object_lambda_lifecycle")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> StateFolder:
    return StateFolder(tmp_path_factory.mktemp("lifecycle"))


@pytest.fixture(scope="module")
def emulator(state: StateFolder) -> Iterator[Emulator]:
    with Emulator(state) as running:
        yield running


@pytest.mark.parametrize("origin", ["edge_signer", "oac", "function_url"])
def test_the_second_plan_is_empty_and_destroy_leaves_nothing(
    state: StateFolder, emulator: Emulator, origin: str
) -> None:
    terraform = deployment(state, emulator.url, ["object_lambda"], origin=origin)
    if not Path(terraform.folder, ".terraform").exists():
        terraform.init()
    terraform.apply()
    assert remaining(emulator)["distributions"] == 1
    assert not terraform.plan()
    terraform.destroy()
    assert remaining(emulator) == {}


def remaining(emulator: Emulator) -> dict[str, int]:
    """How many there are of each kind of thing that Terraform makes, where there are any."""
    session, url = emulator.session(), emulator.url
    cloudfront = session.client("cloudfront", endpoint_url=url)
    control = s3_control(emulator)
    policies = cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]
    found: dict[str, Sequence[object]] = {
        "distributions": cloudfront.list_distributions()["DistributionList"].get("Items", []),
        "access controls": cloudfront.list_origin_access_controls()["OriginAccessControlList"].get(
            "Items", []
        ),
        "cache policies": cloudfront.list_cache_policies(Type="custom")["CachePolicyList"].get("Items", []),
        "headers policies": policies.get("Items", []),
        "access points": control.list_access_points(AccountId=ACCOUNT).get("AccessPointList", []),
        "object lambda": control.list_access_points_for_object_lambda(AccountId=ACCOUNT).get(
            "ObjectLambdaAccessPointList", []
        ),
        "buckets": session.client("s3", endpoint_url=url).list_buckets()["Buckets"],
        "functions": session.client("lambda", endpoint_url=url).list_functions()["Functions"],
        "roles": session.client("iam", endpoint_url=url).list_roles()["Roles"],
        "log groups": session.client("logs", endpoint_url=url).describe_log_groups()["logGroups"],
    }
    return {kind: len(things) for kind, things in found.items() if things}
