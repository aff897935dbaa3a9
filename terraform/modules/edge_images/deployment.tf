# The name and the Region of a deployment are those of its first apply. Every resource takes its name from here, so that a change
# is refused in one sentence. Otherwise S3 would report a bucket in another Region, or the plan would replace the bucket.
resource "terraform_data" "deployment" {
  input = {
    name   = var.name
    region = local.region
  }

  lifecycle {
    ignore_changes = [input]

    precondition {
      condition     = data.aws_region.us_east_1.id == "us-east-1"
      error_message = "The provider aws.us_east_1 is for ${data.aws_region.us_east_1.id}. Pass one with region = \"us-east-1\": CloudFront takes edge functions and certificates from there only."
    }

    precondition {
      condition     = data.aws_caller_identity.us_east_1.account_id == data.aws_caller_identity.current.account_id
      error_message = "The provider aws is for the account ${data.aws_caller_identity.current.account_id}, and aws.us_east_1 for ${data.aws_caller_identity.us_east_1.account_id}. Pass two of one account, and set allowed_account_ids in both."
    }

    precondition {
      condition     = alltrue([for arn in concat(var.purge.alarm_actions, var.s3_trigger.alarm_actions) : contains([local.region, ""], try(split(":", arn)[3], ""))])
      error_message = "An alarm notifies actions of its own Region only. Name those of ${local.region} in purge.alarm_actions and s3_trigger.alarm_actions."
    }

    # The name of a bucket has at most 63 characters: name, purpose, account and Region with hyphens between them.
    precondition {
      condition     = !local.s3_trigger || !var.s3_trigger.create_destination_bucket || var.s3_trigger.destination_bucket_name != null || length(var.name) <= 63 - 22 - length(local.region)
      error_message = "name is too long for the destination bucket that is named after it in ${local.region}: shorten name to ${63 - 22 - length(local.region)} characters, or set s3_trigger.destination_bucket_name."
    }

    precondition {
      condition     = try(var.access_logs.bucket_name, "none") != null || length(var.name) <= 63 - 19 - length(local.region)
      error_message = "name is too long for the bucket of access logs that is named after it in ${local.region}: shorten name to ${63 - 19 - length(local.region)} characters, or set access_logs.bucket_name."
    }

    precondition {
      condition     = !local.s3_trigger || length(var.name) <= 63 - 19 - length(local.region)
      error_message = "name is too long for the bucket of backfills that is named after it in ${local.region}: shorten name to ${63 - 19 - length(local.region)} characters. ${local.kept_name}"
    }

    precondition {
      condition     = !local.regional_resize || length(var.name) <= 63 - 26 - length(local.region)
      error_message = "name is too long for the bucket of derivatives that is named after it in ${local.region}: shorten name to ${63 - 26 - length(local.region)} characters. ${local.kept_name}"
    }

    precondition {
      condition     = alltrue([for size in values(local.sizes) : contains(local.size_formats, size.format) if try(size.format, null) != null])
      error_message = "In sizes, format is one of ${join(", ", local.size_formats)}."
    }

    postcondition {
      condition     = self.input.name == var.name
      error_message = "This deployment has the name ${self.input.name}, and its resources cannot be renamed. Restore name = \"${self.input.name}\". To move, apply the new values in a workspace of their own without aliases, copy the originals (aws s3 sync), move the aliases, and destroy this deployment."
    }

    postcondition {
      condition     = self.input.region == local.region
      error_message = "This deployment is in ${self.input.region}, and a bucket cannot move. Restore region = \"${self.input.region}\". To move, apply the new values in a workspace of their own without aliases, copy the originals (aws s3 sync), move the aliases, and destroy this deployment."
    }
  }
}

locals {
  name   = terraform_data.deployment.input.name
  region = data.aws_region.current.id

  # The remedy for a name that is too long for a variant that a deployment did not have before.
  kept_name = "A deployment keeps its name: add the variant in a second deployment with a shorter name, over the bucket of this one (bucket.create = false)."
}

data "aws_region" "current" {}

data "aws_region" "us_east_1" {
  provider = aws.us_east_1
}

data "aws_caller_identity" "us_east_1" {
  provider = aws.us_east_1
}
