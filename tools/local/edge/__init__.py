"""A CloudFront edge location for one applied distribution: cache, Lambda@Edge and origin requests."""
