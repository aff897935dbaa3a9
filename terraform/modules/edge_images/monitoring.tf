locals {
  # An alarm notifies topics of its own Region.
  monitoring_actions = [for arn in try(var.monitoring.alarm_actions, []) : arn if contains([local.region, ""], split(":", arn)[3])]
}

module "monitoring" {
  count  = var.monitoring == null ? 0 : 1
  source = "../monitoring"

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  name          = local.name
  alarm_actions = var.monitoring.alarm_actions
  dashboard     = var.monitoring.dashboard
  distributions = { for variant, distribution in local.distributions : variant => distribution.id }
  hit_rate      = var.monitoring.hit_rate

  functions = merge(
    { for function in module.edge_resize_function : "edge_resize" => {
      edge               = true
      failure_queue_name = null
      name               = function.name
      variant            = "edge_resize"
    } },
    { for function in module.edge_signer_function : "edge_signer" => {
      edge               = true
      failure_queue_name = null
      name               = function.name
      variant            = "object_lambda"
    } },
    { for function in module.object_lambda_function : "object_lambda" => {
      edge               = false
      failure_queue_name = null
      name               = function.name
      variant            = "object_lambda"
    } },
    { for function in module.purge_function : "purge" => {
      edge               = false
      failure_queue_name = module.purge[0].failure_queue_name
      name               = function.name
      variant            = null
    } },
    { for function in module.regional_resize_function : "regional_resize" => {
      edge               = false
      failure_queue_name = null
      name               = function.name
      variant            = "regional_resize"
    } },
    { for function in module.s3_trigger_function : "s3_trigger" => {
      edge               = false
      failure_queue_name = module.trigger[0].failure_queue_name
      name               = function.name
      variant            = null
    } },
  )
}
