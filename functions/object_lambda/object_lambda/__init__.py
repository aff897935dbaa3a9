"""S3 Object Lambda and function URL: pictures are cleaned of metadata and changed while they are read."""
