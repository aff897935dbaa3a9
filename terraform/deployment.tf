# The name and the Region of a deployment are those of its first apply. Every resource takes the name from here: a change ends with
# one sentence, and not with errors of S3 about buckets that are elsewhere, or with a plan that replaces the bucket.
resource "terraform_data" "deployment" {
  input = {
    name   = var.name
    region = var.region
  }

  lifecycle {
    ignore_changes = [input]

    # A bucket's name has 63 characters: name, what the bucket is for, the account, the Region, and hyphens between them.
    precondition {
      condition     = !contains(var.variants, "s3_trigger") || !var.trigger_create_destination_bucket || var.trigger_destination_bucket_name != null || length(var.name) <= 63 - 22 - length(var.region)
      error_message = "name is too long for the destination bucket that is named after it in ${var.region}: shorten name to ${63 - 22 - length(var.region)} characters, or give trigger_destination_bucket_name."
    }

    precondition {
      condition     = !contains(var.variants, "s3_trigger") || length(var.name) <= 63 - 19 - length(var.region)
      error_message = "name is too long for the bucket of backfills that is named after it in ${var.region}: shorten name to ${63 - 19 - length(var.region)} characters."
    }

    precondition {
      condition     = !contains(var.variants, "object_lambda") || var.object_lambda_origin == "function_url" || !strcontains(var.name, "--")
      error_message = "Access points have no two hyphens in a row in their names: leave one out of name, or take object_lambda_origin = \"function_url\"."
    }

    postcondition {
      condition     = self.input.name == var.name
      error_message = "This deployment has the name ${self.input.name}, and its resources cannot be renamed. Put name = \"${self.input.name}\" back. To move, deploy beside it with a state of its own: see \"Another Region or name\" in terraform/README.md."
    }

    postcondition {
      condition     = self.input.region == var.region
      error_message = "This deployment is in ${self.input.region}, and a bucket cannot move. Put region = \"${self.input.region}\" back. To move, deploy beside it with a state of its own: see \"Another Region or name\" in terraform/README.md."
    }
  }
}

locals {
  name = terraform_data.deployment.input.name
}
