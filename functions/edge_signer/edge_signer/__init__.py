"""Lambda@Edge, origin request: sign the requests of CloudFront for an S3 Object Lambda access point."""
