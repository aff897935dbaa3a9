"""Lambda function behind an origin group: create, store and return derivatives that S3 does not have."""
