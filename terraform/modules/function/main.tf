locals {
  # The name is new after each destroy: see skip_destroy.
  function_name = "${var.name}-${terraform_data.birth.input}"
}

# Known in the plan, then kept: only a function made anew gets another one.
resource "terraform_data" "birth" {
  input = substr(sha256(plantimestamp()), 0, 6)

  lifecycle {
    ignore_changes = [input]
  }
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_50:Lambda@Edge does not support X-Ray
  # checkov:skip=CKV_AWS_115:Lambda@Edge does not support reserved concurrency
  # checkov:skip=CKV_AWS_116:Lambda@Edge is invoked synchronously and does not support dead letter queues
  # checkov:skip=CKV_AWS_117:Lambda@Edge does not support VPCs
  # checkov:skip=CKV_AWS_272:the zip is built from hash-locked wheels by whoever applies it; there is no second party to sign for

  function_name = local.function_name
  description   = var.description
  role          = aws_iam_role.this.arn

  filename         = var.zip_file
  source_code_hash = fileexists(var.zip_file) ? filebase64sha256(var.zip_file) : null
  handler          = var.handler
  runtime          = "python3.13"
  architectures    = ["x86_64"]
  memory_size      = var.memory_size
  timeout          = var.timeout_seconds

  # An association names a numbered version; each change of code or settings makes the next one.
  publish = true

  # While replicas exist at the edge Lambda refuses to delete their function.
  skip_destroy = var.skip_destroy

  timeouts {
    delete = "6h"
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = fileexists(var.zip_file)
      error_message = "${basename(var.zip_file)} is missing. Run: invoke build"
    }
  }

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}
