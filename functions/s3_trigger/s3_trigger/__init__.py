"""Lambda function for S3 events: resize each upload in the source bucket into the destination bucket."""
