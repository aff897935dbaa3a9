"""S3 events: each upload to the source bucket becomes a picture of the size wished for in the destination."""
