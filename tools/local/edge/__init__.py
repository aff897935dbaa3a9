"""A CloudFront edge location on this machine: the cache and Lambda@Edge, for one applied distribution."""
