# A bucket has one notification configuration, so everything that follows the originals shares this one. For purging alone, that of an
# existing bucket stays unchanged: see the output existing_bucket_eventbridge.
module "originals_notification" {
  count  = local.s3_trigger || local.purge && var.bucket.create ? 1 : 0
  source = "../notification"

  bucket_name = local.bucket.name
  eventbridge = local.purge

  listeners = {
    for trigger in module.trigger : "${local.name}-s3-trigger" => {
      function_arn = trigger.function_arn
      prefix       = var.s3_trigger.source_prefix
      suffixes     = var.s3_trigger.suffixes
    }
  }
}

# The trigger module had the notifications until version 1.0.0.
moved {
  from = module.trigger[0].aws_s3_bucket_notification.this["source"]
  to   = module.originals_notification[0].aws_s3_bucket_notification.this
}

moved {
  from = module.trigger[0].aws_s3_bucket_notification.this["destination"]
  to   = module.destination_notification[0].aws_s3_bucket_notification.this
}
