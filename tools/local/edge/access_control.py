"""Sign origin requests as CloudFront's origin access control does.

The local edge signs with the key of the IAM user that represents CloudFront on behalf of a distribution. The
emulator verifies the signature and evaluates the policies of the origin, see
`tools.local.emulator.cloudfront`.

Source: CloudFront Developer Guide, "Restrict access to an Amazon S3 origin" and "Restrict access to an AWS
Lambda function URL origin": the signature is SigV4 and replaces an Authorization header of the viewer.
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
    """Signer of the requests to one origin.

    Attributes:
        credentials: key of the user that represents the distribution.
        service: `s3` or `lambda`, the type of the origin access control.
        region: Region of the origin.
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
        """Sign a request.

        Args:
            method: GET or HEAD.
            host: domain name of the origin.
            target: path and query string, as the viewer sent them.

        Returns:
            The target to send, and the headers of the signature.
        """
        target = _canonicalize(target)
        request = AWSRequest(method=method, url=f"https://{host}{target}")
        _SIGNERS[self.service](self.credentials, self.service, self.region).add_auth(request)
        return target, dict(request.headers.items())


def create_credentials(session: "Session", emulator_url: str, distribution_id: str) -> Credentials:
    """Create the key that CloudFront uses for a distribution, and delete keys of earlier runs."""
    iam = session.client("iam", endpoint_url=emulator_url)
    try:
        iam.create_user(Path=f"/{CLOUDFRONT}/", UserName=distribution_id)
    except iam.exceptions.EntityAlreadyExistsException:
        for key in iam.list_access_keys(UserName=distribution_id)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=distribution_id, AccessKeyId=key["AccessKeyId"])
    made = iam.create_access_key(UserName=distribution_id)["AccessKey"]
    return Credentials(made["AccessKeyId"], made["SecretAccessKey"])


def _canonicalize(target: str) -> str:
    """Return the target with all reserved characters encoded and the parameters sorted, as signed.

    A plus in the path is kept: CloudFront forwards a plus, and S3 reads it as a space.
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
