"""Lambda@Edge, origin request: makes a picture of the size wished for, stores it, points CloudFront to it."""
