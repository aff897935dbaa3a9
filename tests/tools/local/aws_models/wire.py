"""Requests serialized by botocore, as the oracle for parsing."""

from typing import Any
from urllib.parse import urlencode, urlsplit

import botocore.session
from botocore.awsrequest import prepare_request_dict
from botocore.serialize import create_serializer

from tools.local.aws_models import WireRequest


def wire(service: str, operation: str, members: dict[str, Any], protocol: str | None = None) -> WireRequest:
    """Return a signed request for an operation, without validation.

    Args:
        service: name of the model.
        operation: name of the operation.
        members: members of the request.
        protocol: protocol of the request; None: the model's preferred protocol.
    """
    model = botocore.session.get_session().get_service_model(service)
    serializer = create_serializer(protocol or model.metadata["protocol"], include_validation=False)
    request = serializer.serialize_to_request(members, model.operation_model(operation))
    prepare_request_dict(request, endpoint_url="https://service.amazonaws.com")
    url, body = urlsplit(request["url"]), request["body"]
    if isinstance(body, dict):
        body = urlencode(body)
    scope = f"Credential=AKID/20260101/us-east-1/{model.signing_name}/aws4_request"
    headers = {name.lower(): str(value) for name, value in request["headers"].items()}
    return WireRequest(
        method=request["method"],
        path=url.path,
        querystring=url.query,
        headers={**headers, "authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"},
        body=body.encode() if isinstance(body, str) else body or b"",
    )
