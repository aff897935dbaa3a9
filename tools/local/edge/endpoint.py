"""Fetch from an origin that is an endpoint of AWS: a bucket, S3 Object Lambda or a function URL.

The emulator finds the endpoint by the Host header, and a bucket by the path, which works for every name of
a bucket. It checks a request like one from anywhere: its signature, the rights of the signer, and the
policies of the resource.
"""

import aiohttp

from tools.local.edge.access_control import AccessControl
from tools.local.edge.distribution import CustomOrigin, S3Origin
from tools.local.edge.messages import Answer
from tools.local.edge.origin import ask, target_of, with_length
from tools.local.edge.result import OriginRequest


class Endpoint:
    """The origin of a distribution, asked without the emulator's CloudFront in between."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        emulator_url: str,
        origin: S3Origin | CustomOrigin,
        access_control: AccessControl | None,
    ) -> None:
        """Name the endpoint.

        Args:
            session: made by `client_session`.
            emulator_url: of the emulator.
            origin: as the distribution has it.
            access_control: signs the requests; None where the function has signed.
        """
        self._session = session
        self._emulator_url = emulator_url
        self._origin = origin
        self._access_control = access_control

    async def fetch(self, method: str, request: OriginRequest) -> Answer:
        """The origin's answer, errors of the origin included.

        Raises:
            OriginTimeoutError: nothing came for 30 seconds.
            OriginUnreachableError: the connection failed.
        """
        host, prefix = self._address()
        target = f"{prefix}{self._origin.path}{target_of(request)}"
        headers = {name: value for name, value in request.headers if name.lower() != "host"}
        headers |= dict(self._origin.custom_headers)
        # The function may have signed this header, but only CloudFront sets it.
        headers |= {"Host": host, "X-Amz-Cf-Id": request.request_id}
        if self._access_control is not None:
            target, signature = self._access_control.signed(method, host, target)
            headers |= signature
        answer = await ask(self._session, method, f"{self._emulator_url}{target}", list(headers.items()))
        return with_length(answer, method)

    def _address(self) -> tuple[str, str]:
        """Return the host, and what goes in front of the path."""
        origin = self._origin
        if isinstance(origin, S3Origin) and not origin.is_object_lambda:
            return f"s3.{origin.region}.amazonaws.com", f"/{origin.bucket}"
        return origin.domain_name, ""
