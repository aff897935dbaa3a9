# Query parameters of image URLs. They are part of the cache key and reach the function; CloudFront drops all others.
locals {
  url_parameters = ["size", "to_webp"]
}
