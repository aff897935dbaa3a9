locals {
  # After a destroy the next edge function gets another name, because the old one can still exist: see skip_destroy.
  function_name = var.edge ? "${var.name}-${terraform_data.name_suffix[0].input}" : var.name

  # Lambda has SHA-256 in Base64, and manifests have it in hexadecimal digits. Three of those are two digits of Base64; 64 of them end
  # within the last of 43, and a padding follows.
  base64       = split("", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  hexadecimal  = var.package.sha256 == null ? "" : "${var.package.sha256}00"
  twelve_bits  = [for index in range(0, length(local.hexadecimal), 3) : parseint(substr(local.hexadecimal, index, 3), 16)]
  given_sha256 = "${substr(join("", [for bits in local.twelve_bits : "${local.base64[floor(bits / 64)]}${local.base64[bits % 64]}"]), 0, 43)}="

  code_sha256 = var.package.file == null ? local.given_sha256 : fileexists(var.package.file) ? filebase64sha256(var.package.file) : null
}

# The suffix is known at plan time and then kept. Only a function that is created again gets another one.
resource "terraform_data" "name_suffix" {
  count = var.edge ? 1 : 0

  input = substr(sha256(plantimestamp()), 0, 6)

  lifecycle {
    ignore_changes = [input]
  }
}

# Before version 1.0.0 the suffix had this address. Another suffix would create another function.
moved {
  from = terraform_data.birth
  to   = terraform_data.name_suffix
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_50:Lambda@Edge does not support X-Ray, and a function in a Region makes one or two calls, which its log covers
  # checkov:skip=CKV_AWS_115:Lambda@Edge does not support reserved concurrency; in a Region it would reduce the share of all other functions of the account
  # checkov:skip=CKV_AWS_116:callers wait for the response; the trigger module adds the failure queue for events of S3
  # checkov:skip=CKV_AWS_117:Lambda@Edge does not support VPCs, and the functions need no address in a VPC
  # checkov:skip=CKV_AWS_173:no setting is a secret, and Lambda encrypts them with its own key
  # checkov:skip=CKV_AWS_272:the zip is built from hash-locked wheels by the one who applies it, so there is no second party to sign for

  function_name = local.function_name
  description   = var.description
  role          = aws_iam_role.this.arn

  filename          = var.package.file
  s3_bucket         = var.package.bucket
  s3_key            = var.package.key
  s3_object_version = var.package.version
  source_code_hash  = local.code_sha256

  handler       = var.handler
  runtime       = "python3.13"
  architectures = ["x86_64"]
  memory_size   = var.memory_size

  reserved_concurrent_executions = coalesce(var.reserved_concurrency, -1)

  timeout = var.timeout_seconds

  # An association at the edge needs a numbered version. Each change of code or settings publishes the next one.
  publish = var.edge

  # Lambda refuses to delete a function while replicas of it exist at the edge.
  skip_destroy = var.edge && var.skip_destroy

  dynamic "environment" {
    for_each = length(var.environment) == 0 ? [] : [var.environment]

    content {
      variables = environment.value
    }
  }

  timeouts {
    delete = "6h"
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.package.file == null ? true : fileexists(var.package.file)
      error_message = "${abspath(coalesce(var.package.file, "The zip"))} is missing. Correct packages.zip_directory, use a release, or run ./invokew build in the repository."
    }
  }

  # Not on the log groups: these would be created before the deletion too, under a name that exists, when their class changes.
  depends_on = [aws_iam_role_policy.this]
}
