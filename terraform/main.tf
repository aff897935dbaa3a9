# The deployment: one call of the module, whose variables are those of this configuration.
module "edge_images" {
  source = "./modules/edge_images"

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  access_logs                = var.access_logs
  additional_behaviors       = var.additional_behaviors
  attached_distribution_arns = var.attached_distribution_arns
  bucket                     = var.bucket
  distribution               = var.distribution
  domain                     = var.domain
  edge_resize                = var.edge_resize
  force_destroy              = var.force_destroy
  image_urls                 = var.image_urls
  kms_key_arn                = var.kms_key_arn
  log_class                  = var.log_class
  log_retention_days         = var.log_retention_days
  memory_size                = var.memory_size
  monitoring                 = var.monitoring
  name                       = var.name
  object_lambda              = var.object_lambda
  permissions_boundary_arn   = var.permissions_boundary_arn
  purge                      = var.purge
  quality                    = var.quality
  regional_resize            = var.regional_resize
  retain_edge_functions      = var.retain_edge_functions
  s3_trigger                 = var.s3_trigger
  signing_keys               = var.signing_keys
  sizes                      = var.sizes
  variants                   = var.variants
  versioning                 = var.versioning
  web_acl                    = var.web_acl

  # Paths of zips are part of the state. These are the ones of deployments before the module existed.
  packages = merge({ zip_directory = "${path.module}/../dist" }, { for name, value in var.packages : name => value if value != null })
}
