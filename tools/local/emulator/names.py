"""Names shared by the emulator's process and its clients."""

ROOT_KEY = "test"
"""MiniStack's root access key and secret key, which have all rights in the account."""
REGION = "us-east-1"
"""Default Region of the emulator."""
CLOUDFRONT = "cloudfront.amazonaws.com"
"""Service principal of CloudFront, and path of the IAM users that represent distributions."""

type Response = tuple[int, dict[str, str], bytes]
"""Status, headers and body, as MiniStack passes responses on."""

INVALIDATION_LOG = "INVALIDATION_LOG"
"""Environment variable with the file that grows with each invalidation."""
REQUEST_LOG = "REQUEST_LOG"
"""Environment variable with the file of the log of requests."""
