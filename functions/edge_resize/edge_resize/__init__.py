"""Lambda@Edge, origin request: create and store derivatives, and point CloudFront to them."""
