"""Sign requests to an origin as CloudFront's origin access control does.

The local edge signs with the key of the IAM user that stands for CloudFront in the name of a distribution.
The emulator checks the signature and then the policies of the origin, see `tools.local.emulator.cloudfront`.

Source: CloudFront Developer Guide, "Restrict access to an Amazon S3 origin" and "Restrict access to an AWS
Lambda function URL origin": the signature is SigV4, and it takes the place of any Authorization the viewer
sent.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, unquote_plus

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tools.local.edge.origin import Origin
from tools.local.emulator.names import CLOUDFRONT

if TYPE_CHECKING:
    from boto3.session import Session

_SIGNERS = {"s3": S3SigV4Auth, "lambda": SigV4Auth}


@dataclass(frozen=True, kw_only=True)
class AccessControl:
    """Signs for one distribution.

    Attributes:
        credentials: of the user that stands for the distribution.
        service: `s3` or `lambda`, the type of the origin access control.
        region: of the origin.
    """

    credentials: Credentials = field(repr=False)
    service: str
    region: str

    @classmethod
    def for_origin(cls, origin: Origin, credentials: Credentials) -> "AccessControl | None":
        """Return the signer for an origin; None if CloudFront does not sign the requests."""
        service = origin.signing_service
        if service is None:
            return None
        return cls(credentials=credentials, service=service, region=origin.region)

    def sign(self, method: str, host: str, target: str) -> tuple[str, dict[str, str]]:
        """A request with its signature.

        Args:
            method: GET or HEAD.
            host: domain name of the origin.
            target: path and query string, as the viewer sent them.

        Returns:
            The target as it has to go out, and the headers of the signature.
        """
        target = _canonicalize(target)
        request = AWSRequest(method=method, url=f"https://{host}{target}")
        _SIGNERS[self.service](self.credentials, self.service, self.region).add_auth(request)
        return target, dict(request.headers.items())


def create_credentials(session: "Session", emulator_url: str, distribution_id: str) -> Credentials:
    """The key with which CloudFront signs for a distribution; a key from before is no longer good."""
    iam = session.client("iam", endpoint_url=emulator_url)
    try:
        iam.create_user(Path=f"/{CLOUDFRONT}/", UserName=distribution_id)
    except iam.exceptions.EntityAlreadyExistsException:
        for key in iam.list_access_keys(UserName=distribution_id)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=distribution_id, AccessKeyId=key["AccessKeyId"])
    made = iam.create_access_key(UserName=distribution_id)["AccessKey"]
    return Credentials(made["AccessKeyId"], made["SecretAccessKey"])


def _canonicalize(target: str) -> str:
    """The target as it is signed: all but unreserved characters encoded, the parameters in order.

    A plus in the path stays: CloudFront forwards it, and S3 reads it as a space.
    """
    path, _, query = target.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    encoded = sorted((_encode(unquote_plus(name)), _encode(unquote_plus(value))) for name, _, value in pairs)
    canonical = "+".join(map(_encode_path, path.split("+")))
    return canonical + ("?" + "&".join(f"{name}={value}" for name, value in encoded) if encoded else "")


def _encode_path(path: str) -> str:
    return quote(unquote(path, errors="surrogateescape"), safe="/-_.~", errors="surrogateescape")


def _encode(text: str) -> str:
    return quote(text, safe="-_.~")
