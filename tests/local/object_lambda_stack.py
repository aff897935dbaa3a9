"""A distribution of the stack `both`, and means to remove its permissions."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from tests.local.viewer import Viewer
from tools.local.emulator.process import Emulator
from tools.local.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3control import S3ControlClient

ACCOUNT = "000000000000"
ORIGINS = ["edge_signer", "oac", "function_url"]
VARIANTS = ["edge_resize", "object_lambda"]
SIZES = {
    "XS": [427, 240],
    "S": [854, 480],
    "M": [1200, 628],
    "SS": [360, 360],
    "hero": {
        "width": 128,
        "height": 64,
        "fit": "cover",
        "gravity": "0.3,0.7",
        "format": "auto",
        "quality": 70,
    },
}
"""Value of the Terraform variable `sizes`: boxes, and a size with all options."""


def s3_control(emulator: Emulator) -> "S3ControlClient":
    """Return a client of S3 Control, with the emulator as proxy since host names start with the account."""
    url = "http://s3-control.us-east-1.amazonaws.com"
    config = Config(proxies={"http": emulator.url})
    return emulator.session().client("s3control", endpoint_url=url, config=config)


@dataclass(frozen=True, kw_only=True)
class Served:
    """A distribution that the edge serves.

    Attributes:
        origin: value of the Terraform variable `object_lambda.origin`, or another variant.
        outputs: outputs of Terraform.
    """

    origin: str
    outputs: dict[str, Any]
    stack: Stack
    viewer: Viewer

    @property
    def distribution_id(self) -> str:
        return str(self.outputs["distribution_ids"][self.variant])

    @property
    def variant(self) -> str:
        return self.origin if self.origin in self.outputs["distribution_ids"] else "object_lambda"

    @property
    def iam(self) -> "IAMClient":
        return self.stack.emulator.session().client("iam", endpoint_url=self.stack.emulator_url)

    @property
    def functions(self) -> "LambdaClient":
        return self.stack.emulator.session().client("lambda", endpoint_url=self.stack.emulator_url)

    @property
    def control(self) -> "S3ControlClient":
        return s3_control(self.stack.emulator)

    def count_runs(self, function: str) -> int:
        """Return the number of invocations of a function in its log."""
        name = self.outputs["function_arns"][function].split(":")[6]
        logs = self.stack.emulator.session().client("logs", endpoint_url=self.stack.emulator_url)
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}")
        lines = [line for page in pages for event in page["events"] for line in event["message"].splitlines()]
        return sum(line.startswith("START RequestId") for line in lines)

    def put(self, key: str, body: bytes) -> str:
        bucket = self.outputs["bucket_name"]
        self.stack.s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="image/jpeg")
        return key

    @contextmanager
    def without_permission(self, place: str, action: str) -> Iterator[None]:
        """Remove an action from a policy temporarily.

        Args:
            place: `bucket` (of the originals), `derivatives` (their bucket), `access point`, `permission` (of
                the function), or the function whose role has the action, if need be with the statement's ID
                after a slash.
            action: the action to remove.
        """
        if place == "permission":
            with self._without_statement(action):
                yield
            return
        place, _, sid = place.partition("/")
        before, write = self._policy(place, action)
        write(_remove_action(before, action, sid))
        try:
            yield
        finally:
            write(before)

    def _policy(self, place: str, action: str) -> tuple[dict[str, Any], Callable[[dict[str, Any]], object]]:
        if place in ("bucket", "derivatives"):
            purpose = "originals" if place == "bucket" else place
            bucket, s3 = self.outputs["bucket_names"][purpose], self.stack.s3
            text = s3.get_bucket_policy(Bucket=bucket)["Policy"]
            return json.loads(text), lambda d: s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(d))
        if place == "access point":
            return self._access_point_policy(action)
        role, iam = self.outputs["function_arns"][place].split(":")[6], self.iam
        document: Any = iam.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
        return document, lambda d: iam.put_role_policy(
            RoleName=role, PolicyName="function", PolicyDocument=json.dumps(d)
        )

    def _access_point_policy(self, action: str) -> tuple[dict[str, Any], Callable[[dict[str, Any]], object]]:
        control = self.control
        if action.startswith("s3-object-lambda:"):
            [found] = control.list_access_points_for_object_lambda(AccountId=ACCOUNT)[
                "ObjectLambdaAccessPointList"
            ]
            name = found["Name"]
            text = control.get_access_point_policy_for_object_lambda(AccountId=ACCOUNT, Name=name)["Policy"]
            put: Callable[..., object] = control.put_access_point_policy_for_object_lambda
        else:
            [listed] = control.list_access_points(AccountId=ACCOUNT)["AccessPointList"]
            name = listed["Name"]
            text = control.get_access_point_policy(AccountId=ACCOUNT, Name=name)["Policy"]
            put = control.put_access_point_policy
        return json.loads(text), lambda d: put(AccountId=ACCOUNT, Name=name, Policy=json.dumps(d))

    @contextmanager
    def _without_statement(self, action: str) -> Iterator[None]:
        name, functions = self.outputs["function_arns"][self.variant].split(":")[6], self.functions
        statements = json.loads(functions.get_policy(FunctionName=name)["Policy"])["Statement"]
        [statement] = [statement for statement in statements if statement["Action"] == action]
        functions.remove_permission(FunctionName=name, StatementId=statement["Sid"])
        more: dict[str, Any] = (
            {"FunctionUrlAuthType": "AWS_IAM"} if action == "lambda:InvokeFunctionUrl" else {}
        )
        condition = statement["Condition"]
        if "ArnLike" in condition:
            more["SourceArn"] = condition["ArnLike"]["AWS:SourceArn"]
        else:
            more["SourceAccount"] = condition["StringEquals"]["AWS:SourceAccount"]
        try:
            yield
        finally:
            functions.add_permission(
                FunctionName=name,
                StatementId=statement["Sid"],
                Action=action,
                Principal=statement["Principal"]["Service"],
                **more,
            )


def _remove_action(document: dict[str, Any], action: str, sid: str) -> dict[str, Any]:
    """Return a policy in which no statement allows an action, or not the one with an ID."""
    kept = []
    for statement in document["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        removed = action if sid in ("", statement["Sid"]) else ""
        others = [other for other in actions if other != removed]
        kept += [{**statement, "Action": others}] if others else []
    changed = {**document, "Statement": kept}
    assert changed != document
    return changed
