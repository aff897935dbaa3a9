"""Lambda@Edge, origin request: signs what CloudFront sends to an S3 Object Lambda access point."""
