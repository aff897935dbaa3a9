"""Resources left in an emulator."""

from typing import TYPE_CHECKING

from tests.local.object_lambda_stack import ACCOUNT, s3_control

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.local.emulator.process import Emulator


def count_resources(emulator: "Emulator") -> dict[str, int]:
    """Return kind of resource => number of resources that Terraform left in an emulator."""
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
        "alarms": session.client("cloudwatch", endpoint_url=url).describe_alarms()["MetricAlarms"],
        "dashboards": session.client("cloudwatch", endpoint_url=url).list_dashboards()["DashboardEntries"],
        "buckets": session.client("s3", endpoint_url=url).list_buckets()["Buckets"],
        "functions": session.client("lambda", endpoint_url=url).list_functions()["Functions"],
        "queues": session.client("sqs", endpoint_url=url).list_queues().get("QueueUrls", []),
        "roles": session.client("iam", endpoint_url=url).list_roles()["Roles"],
        "metric filters": session.client("logs", endpoint_url=url).describe_metric_filters()["metricFilters"],
        "saved queries": session.client("logs", endpoint_url=url).describe_query_definitions()[
            "queryDefinitions"
        ],
        "log groups": session.client("logs", endpoint_url=url).describe_log_groups()["logGroups"],
    }
    return {kind: len(resources) for kind, resources in found.items() if resources}
