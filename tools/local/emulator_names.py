"""Names that the emulator's process and those who call it agree on."""

CLOUDFRONT = "cloudfront.amazonaws.com"
"""The service principal, and the path of the IAM users that stand for it."""
