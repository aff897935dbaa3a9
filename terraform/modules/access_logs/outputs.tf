# Known before the sources exist, so that the policy of the bucket need not wait for them.
output "source_arns" {
  description = "ARNs of the delivery sources, for the policy of the bucket."
  value = [
    for name in values(local.names) :
    "arn:${data.aws_partition.current.partition}:logs:us-east-1:${data.aws_caller_identity.current.account_id}:delivery-source:${name}"
  ]
}
