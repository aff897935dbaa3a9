# Deployments before version 1.0.0 had these addresses. An apply moves them and changes nothing.
moved {
  from = aws_s3_object.missing_page
  to   = module.edge_images.aws_s3_object.missing_page
}

moved {
  from = module.access_points
  to   = module.edge_images.module.access_points
}

moved {
  from = module.batch_role
  to   = module.edge_images.module.batch_role
}

moved {
  from = module.bucket
  to   = module.edge_images.module.bucket
}

moved {
  from = module.destination_bucket
  to   = module.edge_images.module.destination_bucket
}

moved {
  from = module.edge_resize_distribution
  to   = module.edge_images.module.edge_resize_distribution
}

moved {
  from = module.edge_resize_function
  to   = module.edge_images.module.edge_resize_function
}

moved {
  from = module.edge_signer_function
  to   = module.edge_images.module.edge_signer_function
}

moved {
  from = module.jobs_bucket
  to   = module.edge_images.module.jobs_bucket
}

moved {
  from = module.object_lambda_distribution
  to   = module.edge_images.module.object_lambda_distribution
}

moved {
  from = module.object_lambda_function
  to   = module.edge_images.module.object_lambda_function
}

moved {
  from = module.s3_trigger_distribution
  to   = module.edge_images.module.s3_trigger_distribution
}

moved {
  from = module.s3_trigger_function
  to   = module.edge_images.module.s3_trigger_function
}

moved {
  from = module.signing_keys
  to   = module.edge_images.module.signing_keys
}

moved {
  from = module.trigger
  to   = module.edge_images.module.trigger
}

moved {
  from = terraform_data.deployment
  to   = module.edge_images.terraform_data.deployment
}
