"""Lambda function for S3 Object Lambda and function URLs: clean and transform images while they are read."""
