output "arn" {
  description = "ARN of the distribution, for the policy of a bucket."
  value       = aws_cloudfront_distribution.this.arn
}

output "behavior" {
  description = "Arguments of a cache behavior of another distribution that delivers the same images, and its origins by id: `primary`, and `secondary` if there is one."
  value = {
    cache_policy_id             = aws_cloudfront_cache_policy.this.id
    origin_request_function_arn = var.origin_request_function_arn
    origin_request_policy_id    = one(aws_cloudfront_origin_request_policy.this[*].id)
    response_headers_policy_id  = aws_cloudfront_response_headers_policy.this.id
    viewer_request_function_arn = one(aws_cloudfront_function.viewer_request[*].arn)

    origins = { for key, origin in local.origins : (key == local.origin_id ? "primary" : key) => {
      domain_name              = origin.domain_name
      headers                  = origin.headers
      origin_access_control_id = contains(local.signed_types, origin.type) ? aws_cloudfront_origin_access_control.this[origin.type].id : null
      type                     = origin.type
    } }
  }
}

output "domain_name" {
  description = "The `*.cloudfront.net` name, the target of the aliases."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "id" {
  description = "Id of the distribution, for an invalidation."
  value       = aws_cloudfront_distribution.this.id
}
