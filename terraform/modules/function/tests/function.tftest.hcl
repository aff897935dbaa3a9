mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/edge" }
  }

  mock_resource "aws_lambda_function" {
    defaults = {
      arn     = "arn:aws:lambda:us-east-1:123456789012:function:edge"
      version = "7"
    }
  }
}

variables {
  name        = "edge"
  description = "A function of the tests"
  handler     = "package.handler.lambda_handler"
  package     = { file = "tests/function.tftest.hcl" } # any file
  grants = {
    ReadImages = { actions = ["s3:GetObject"], resources = ["arn:aws:s3:::images/*"] }
  }
}

run "version_role_and_logs" {
  assert {
    condition     = aws_lambda_function.this.runtime == "python3.13" && aws_lambda_function.this.architectures == tolist(["x86_64"])
    error_message = "Python 3.13 on x86_64."
  }

  assert {
    condition     = aws_lambda_function.this.publish && output.qualified_arn == "arn:aws:lambda:us-east-1:123456789012:function:edge:7"
    error_message = "A numbered version is published and is the output."
  }

  assert {
    condition     = length(aws_lambda_function.this.environment) == 0 && length(aws_lambda_function.this.vpc_config) == 0
    error_message = "Neither environment variables nor a VPC exist at the edge."
  }

  assert {
    condition     = aws_lambda_function.this.memory_size == 1769 && aws_lambda_function.this.timeout == 30
    error_message = "One vCPU and the longest timeout at the edge are the defaults."
  }

  assert {
    condition     = aws_lambda_function.this.source_code_hash == filebase64sha256(var.package.file)
    error_message = "The hash is the zip's."
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"] }
    }]
    error_message = "Only Lambda and Lambda@Edge may assume the role."
  }

  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Action])) == toset([
      "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "s3:GetObject",
    ])
    error_message = "The role has the rights to log, the grants and no more."
  }

  assert {
    condition = toset(jsondecode(aws_iam_role_policy.this.policy).Statement[1].Resource) == toset([
      "arn:aws:logs:*:123456789012:log-group:/aws/lambda/${output.name}:*",
      "arn:aws:logs:*:123456789012:log-group:/aws/lambda/us-east-1.${output.name}:*",
    ])
    error_message = "The role may write the logs of the function in every Region."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[2].Resource == ["arn:aws:s3:::images/*"]
    error_message = "The grant has its resource."
  }

  assert {
    condition     = can(regex("^edge-[0-9a-f]{6}$", output.name)) && aws_lambda_function.this.skip_destroy
    error_message = "The name has a suffix, because destroy leaves the function in AWS."
  }
}

run "changed_later" {
  variables {
    log_retention_days = 90
    skip_destroy       = false
  }

  assert {
    condition     = output.name == run.version_role_and_logs.name
    error_message = "A later apply keeps the name."
  }

  assert {
    condition     = keys(aws_cloudwatch_log_group.this) == ["/aws/lambda/${output.name}", "/aws/lambda/us-east-1.${output.name}"]
    error_message = "There are groups for direct calls and for the replica in us-east-1."
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.retention_in_days == 90])
    error_message = "Both groups have the retention."
  }

  assert {
    condition     = !aws_lambda_function.this.skip_destroy && aws_lambda_function.this.timeouts.delete == "6h"
    error_message = "Destroy waits for the replicas instead."
  }
}

run "names_the_command_for_a_missing_zip" {
  command = plan

  variables {
    package = { file = "nowhere/function.zip" }
  }

  expect_failures = [aws_lambda_function.this]
}

run "refuses_values_beyond_the_limits" {
  command = plan

  variables {
    grants             = { Everything = { actions = ["s3:*"], resources = ["arn:aws:s3:::images/*"] } }
    log_retention_days = 31
    memory_size        = 64
    name               = "a-name-of-fifty-eight-characters-is-one-more-than-it-may-be"
    timeout_seconds    = 31
  }

  expect_failures = [var.grants, var.log_retention_days, var.memory_size, var.name, var.timeout_seconds]
}

run "refuses_every_resource" {
  command = plan

  variables {
    grants = { Everywhere = { actions = ["s3:GetObject"], resources = ["*"] } }
  }

  expect_failures = [var.grants]
}

run "refuses_a_statement_id_with_spaces" {
  command = plan

  variables {
    grants = { "Read images" = { actions = ["s3:GetObject"], resources = ["arn:aws:s3:::images/*"] } }
  }

  expect_failures = [var.grants]
}

run "in_a_region" {
  variables {
    name        = "regional"
    edge        = false
    environment = { IMAGE_QUALITY = "80" }

    grants = {
      RespondThroughObjectLambda = { actions = ["s3-object-lambda:WriteGetObjectResponse"], resources = ["*"] }

      ReadThroughObjectLambda = {
        actions    = ["s3:GetObject"]
        resources  = ["arn:aws:s3:eu-central-1:123456789012:accesspoint/images/object/*"]
        called_via = "s3-object-lambda.amazonaws.com"
      }
    }
  }

  assert {
    condition     = output.name == "regional" && !aws_lambda_function.this.publish && !aws_lambda_function.this.skip_destroy
    error_message = "A function without replicas has no suffix and no version, and destroy deletes it."
  }

  assert {
    condition     = one(aws_lambda_function.this.environment).variables == tomap({ IMAGE_QUALITY = "80" })
    error_message = "Settings are environment variables."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal.Service == ["lambda.amazonaws.com"]
    error_message = "Lambda may assume the role, Lambda@Edge may not."
  }

  assert {
    condition     = keys(aws_cloudwatch_log_group.this) == ["/aws/lambda/regional"]
    error_message = "One log group."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/regional:*"]
      },
      {
        Sid       = "ReadThroughObjectLambda"
        Effect    = "Allow"
        Action    = ["s3:GetObject"]
        Resource  = ["arn:aws:s3:eu-central-1:123456789012:accesspoint/images/object/*"]
        Condition = { "ForAnyValue:StringEquals" = { "aws:CalledVia" = "s3-object-lambda.amazonaws.com" } }
      },
      {
        Sid      = "RespondThroughObjectLambda"
        Effect   = "Allow"
        Action   = ["s3-object-lambda:WriteGetObjectResponse"]
        Resource = ["*"]
      },
    ]
    error_message = "The role has the rights to log and the grants, one of them only through another service."
  }

  assert {
    condition     = length(aws_lambda_function_url.this) + length(aws_lambda_permission.invoke) + length(aws_lambda_permission.invoke_url) == 0
    error_message = "No principal may invoke the function."
  }
}

run "with_a_url_for_cloudfront" {
  variables {
    name              = "regional"
    edge              = false
    url               = true
    distribution_arns = ["arn:aws:cloudfront::123456789012:distribution/E1ABC"]
  }

  assert {
    condition     = aws_lambda_function_url.this[0].authorization_type == "AWS_IAM" && output.url_id == aws_lambda_function_url.this[0].url_id
    error_message = "The URL accepts signed requests only."
  }

  assert {
    condition = alltrue([
      for permission in [aws_lambda_permission.invoke[0], aws_lambda_permission.invoke_url[0]] :
      permission.principal == "cloudfront.amazonaws.com" && permission.source_arn == var.distribution_arns[0]
    ])
    error_message = "CloudFront has both permissions, for this distribution."
  }

  assert {
    condition = [
      aws_lambda_permission.invoke[0].action, aws_lambda_permission.invoke_url[0].action, aws_lambda_permission.invoke_url[0].function_url_auth_type,
    ] == ["lambda:InvokeFunction", "lambda:InvokeFunctionUrl", "AWS_IAM"]
    error_message = "One permission to invoke, one to use the URL."
  }
}

run "refuses_at_the_edge_what_is_for_regions" {
  command = plan

  variables {
    environment = { IMAGE_QUALITY = "80" }
    url         = true
  }

  expect_failures = [var.environment, var.url]
}

run "regional_behind_an_access_point" {
  variables {
    name              = "regional"
    edge              = false
    distribution_arns = ["arn:aws:cloudfront::123456789012:distribution/E1ABC"]
  }

  assert {
    condition = (
      aws_lambda_permission.invoke[0].principal == "cloudfront.amazonaws.com"
      && aws_lambda_permission.invoke[0].source_account == "123456789012"
      && aws_lambda_permission.invoke[0].source_arn == null
    )
    error_message = "The permission requires the account, since S3 Object Lambda does not name the distribution."
  }

  assert {
    condition     = length(aws_lambda_permission.invoke_url) == 0 && length(aws_lambda_function_url.this) == 0
    error_message = "Without a URL."
  }
}

run "refuses_every_resource_beside_object_lambda" {
  command = plan

  variables {
    grants = { Everywhere = { actions = ["s3-object-lambda:WriteGetObjectResponse", "s3:GetObject"], resources = ["*"] } }
  }

  expect_failures = [var.grants]
}

run "started_by_s3" {
  variables {
    edge                 = false
    reserved_concurrency = 5
    timeout_seconds      = 900
  }

  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == 5 && aws_lambda_function.this.timeout == 900
    error_message = "The timeout may be 900 seconds, and the concurrency is reserved."
  }
}

run "refuses_a_reservation_at_the_edge" {
  command = plan

  variables {
    reserved_concurrency = 5
  }

  expect_failures = [var.reserved_concurrency]
}

# The SHA-256 of no bytes.
run "an_object_in_s3" {
  variables {
    package = {
      bucket  = "releases"
      key     = "edge-images/1.0.0/edge_resize.zip"
      sha256  = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      version = "v1"
    }
  }

  assert {
    condition     = aws_lambda_function.this.s3_bucket == "releases" && aws_lambda_function.this.filename == null && aws_lambda_function.this.s3_object_version == "v1"
    error_message = "Lambda takes the zip from the bucket."
  }

  assert {
    condition     = aws_lambda_function.this.source_code_hash == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    error_message = "Lambda's hash is the manifest's in Base64."
  }
}

run "refuses_a_package_without_a_zip" {
  command = plan

  variables {
    package = { bucket = "releases", key = "edge_resize.zip", sha256 = "E3" }
  }

  expect_failures = [var.package]
}

run "with_a_boundary_and_cheap_logs" {
  variables {
    log_class                = "INFREQUENT_ACCESS"
    permissions_boundary_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn && alltrue([for group in aws_cloudwatch_log_group.this : group.log_group_class == "INFREQUENT_ACCESS"])
    error_message = "The role is limited, and the log groups have the class."
  }
}

run "refuses_an_unknown_log_class" {
  command = plan

  variables {
    log_class = "CHEAP"
  }

  expect_failures = [var.log_class]
}
