locals {
  # arn:aws:s3-object-lambda:REGION:ACCOUNT:accesspoint/NAME
  region     = split(":", aws_s3control_object_lambda_access_point.this.arn)[3]
  account_id = split(":", aws_s3control_object_lambda_access_point.this.arn)[4]
}

output "alias_domain_name" {
  description = "Domain name of the Object Lambda access point's alias: an S3 origin, for which CloudFront signs the requests."
  value       = "${aws_s3control_object_lambda_access_point.this.alias}.s3.${local.region}.amazonaws.com"
}

output "arn" {
  description = "ARN of the Object Lambda access point."
  value       = aws_s3control_object_lambda_access_point.this.arn
}

output "domain_name" {
  description = "Domain name of the Object Lambda access point: a custom origin, for requests that a role has signed."
  value       = "${aws_s3control_object_lambda_access_point.this.name}-${local.account_id}.s3-object-lambda.${local.region}.amazonaws.com"
}

output "supporting_arn" {
  description = "ARN of the supporting access point."
  value       = aws_s3_access_point.supporting.arn
}
