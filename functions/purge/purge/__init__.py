"""Lambda function for changed originals: delete stale derivatives and invalidate CloudFront's copies."""
