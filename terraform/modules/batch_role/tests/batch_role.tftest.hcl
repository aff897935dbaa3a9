mock_provider "aws" {}

variables {
  name            = "images-backfill"
  function_arns   = ["arn:aws:lambda:eu-central-1:123456789012:function:images", "arn:aws:lambda:eu-central-1:123456789012:function:more"]
  jobs_bucket_arn = "arn:aws:s3:::jobs"
}

run "for_batch_operations" {
  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "batchoperations.s3.amazonaws.com" }
    }]
    error_message = "The role is not for S3 Batch Operations alone."
  }
}

run "no_more_than_a_job_needs" {
  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Sid => [statement.Action, statement.Resource] } == {
      ReadManifest = [["s3:GetObject"], ["arn:aws:s3:::jobs/backfill/manifests/*"]]
      InvokeFunctions = [["lambda:InvokeFunction"], [
        var.function_arns[0], "${var.function_arns[0]}:*", var.function_arns[1], "${var.function_arns[1]}:*",
      ]]
      WriteReport = [["s3:PutObject"], ["arn:aws:s3:::jobs/backfill/reports/*"]]
    }
    error_message = "The permissions are not those of manifest, function and report."
  }
}

run "refuses_invalid_values" {
  command = plan

  variables {
    function_arns = []
    name          = "no spaces"
  }

  expect_failures = [var.function_arns, var.name]
}

run "with_a_key_and_a_boundary" {
  variables {
    kms_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn && jsondecode(aws_iam_role_policy.this.policy).Statement[3].Resource == [var.kms_key_arn]
    error_message = "The role is limited, and may use the key of the bucket."
  }
}
