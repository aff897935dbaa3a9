output "behaviors" {
  description = "Variant => arguments of a cache behavior and its origins, with which a distribution of yours delivers the same images."
  value       = module.edge_images.behaviors
}

output "bucket_name" {
  description = "Name of the bucket for the originals."
  value       = module.edge_images.bucket_name
}

output "bucket_names" {
  description = "Purpose of a bucket (`originals`, `derivatives`, `destination`, `jobs`, `access_logs`) => its name."
  value       = module.edge_images.bucket_names
}

output "dashboard_url" {
  description = "Address of the dashboard in the console of CloudWatch. `null` without one."
  value       = module.edge_images.dashboard_url
}

output "deployment" {
  description = "Values for `./invokew purge`, `./invokew erase` and `./invokew doctor`."
  value       = module.edge_images.deployment
}

output "distribution_domain_names" {
  description = "Variant => domain name of its distribution. Point `aliases` to it."
  value       = module.edge_images.distribution_domain_names
}

output "distribution_ids" {
  description = "Variant => id of its distribution, for an invalidation."
  value       = module.edge_images.distribution_ids
}

output "example_url" {
  description = "URL of an image once photo.jpg is in the bucket. `null` without a distribution."
  value       = module.edge_images.example_url
}

output "existing_bucket_eventbridge" {
  description = "With `bucket.create = false`: the command that makes the bucket send its events to EventBridge, where the function purge reads them, otherwise `null`. The command replaces the notification configuration: if there is one, add `EventBridgeConfiguration` to it instead. Also `null` with s3_trigger, which manages the notification."
  value       = module.edge_images.existing_bucket_eventbridge
}

output "existing_bucket_policy" {
  description = "With `bucket.create = false`: the statements that the bucket's policy needs before CloudFront can read the bucket, otherwise `null`. Empty if only a function of the same account reads it."
  value       = module.edge_images.existing_bucket_policy
}

output "existing_destination_bucket_policy" {
  description = "With `s3_trigger.create_destination_bucket = false` and `s3_trigger.delivery = \"cloudfront\"`: the statements that the policy of the destination bucket needs before CloudFront can read the bucket, otherwise `null`."
  value       = module.edge_images.existing_destination_bucket_policy
}

output "function_arns" {
  description = "Function => its ARN; for an edge function the ARN of the newest published version."
  value       = module.edge_images.function_arns
}

output "key_value_store_arn" {
  description = "ARN of the key value store with the keys of signed URLs. `null` with `image_urls.signed_urls = \"none\"`."
  value       = module.edge_images.key_value_store_arn
}

output "kms_key_policy" {
  description = "With `kms_key_arn`: the statements that the key's policy needs before CloudFront can decrypt images, otherwise `null`."
  value       = module.edge_images.kms_key_policy
}

output "purge" {
  description = "Values for `./invokew redrive`, and variant => id of the distribution that the function purge invalidates. `null` if nothing is purged."
  value       = module.edge_images.purge
}

output "regional_resize" {
  description = "Values for `./invokew backfill --variant regional_resize`. `null` without the variant regional_resize."
  value       = module.edge_images.regional_resize
}

output "s3_trigger" {
  description = "Values for `./invokew backfill` and `./invokew redrive`. `null` without the variant s3_trigger."
  value       = module.edge_images.s3_trigger
}
