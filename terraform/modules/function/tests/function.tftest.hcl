mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
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
  zip_file    = "tests/function.tftest.hcl" # any file will do
  grants = {
    ReadPictures = { actions = ["s3:GetObject"], resources = ["arn:aws:s3:::pictures/*"] }
  }
}

run "version_role_and_logs" {
  assert {
    condition     = aws_lambda_function.this.runtime == "python3.13" && aws_lambda_function.this.architectures == tolist(["x86_64"])
    error_message = "Python 3.13 on x86_64."
  }

  assert {
    condition     = aws_lambda_function.this.publish && output.qualified_arn == "arn:aws:lambda:us-east-1:123456789012:function:edge:7"
    error_message = "A numbered version is published and handed out."
  }

  assert {
    condition     = length(aws_lambda_function.this.environment) == 0 && length(aws_lambda_function.this.vpc_config) == 0
    error_message = "Neither environment variables nor a VPC exist at the edge."
  }

  assert {
    condition     = aws_lambda_function.this.memory_size == 1769 && aws_lambda_function.this.timeout == 30
    error_message = "One vCPU, and all the time the edge gives."
  }

  assert {
    condition     = aws_lambda_function.this.source_code_hash == filebase64sha256(var.zip_file)
    error_message = "The hash is the zip's."
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"] }
    }]
    error_message = "Lambda and Lambda@Edge may take the role, nobody else."
  }

  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Action])) == toset([
      "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "s3:GetObject",
    ])
    error_message = "Logging and the grants, nothing more."
  }

  assert {
    condition = toset(jsondecode(aws_iam_role_policy.this.policy).Statement[1].Resource) == toset([
      "arn:aws:logs:*:123456789012:log-group:/aws/lambda/${output.name}:*",
      "arn:aws:logs:*:123456789012:log-group:/aws/lambda/us-east-1.${output.name}:*",
    ])
    error_message = "In every Region, into the function's own groups."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[2].Resource == ["arn:aws:s3:::pictures/*"]
    error_message = "The grant names its resource."
  }

  assert {
    condition     = can(regex("^edge-[0-9a-f]{6}$", output.name)) && aws_lambda_function.this.skip_destroy
    error_message = "Six characters make the name new, for destroy leaves the function to its replicas."
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
    error_message = "The group of direct calls and the group of the replica in us-east-1."
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

run "says_how_to_make_a_missing_zip" {
  command = plan

  variables {
    zip_file = "nowhere/function.zip"
  }

  expect_failures = [aws_lambda_function.this]
}

run "refuses_what_the_edge_does_not_give" {
  command = plan

  variables {
    grants             = { Everything = { actions = ["s3:*"], resources = ["arn:aws:s3:::pictures/*"] } }
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
    grants = { "Read pictures" = { actions = ["s3:GetObject"], resources = ["arn:aws:s3:::pictures/*"] } }
  }

  expect_failures = [var.grants]
}

run "in_a_region" {
  variables {
    name        = "regional"
    edge        = false
    environment = { IMAGE_QUALITY = "80" }

    grants = {
      AnswerForObjectLambda = { actions = ["s3-object-lambda:WriteGetObjectResponse"], resources = ["*"] }

      ReadThroughObjectLambda = {
        actions    = ["s3:GetObject"]
        resources  = ["arn:aws:s3:eu-central-1:123456789012:accesspoint/pictures/object/*"]
        called_via = "s3-object-lambda.amazonaws.com"
      }
    }
  }

  assert {
    condition     = output.name == "regional" && !aws_lambda_function.this.publish && !aws_lambda_function.this.skip_destroy
    error_message = "No replica: the name stays as given, no version is made, and destroy leaves nothing."
  }

  assert {
    condition     = one(aws_lambda_function.this.environment).variables == tomap({ IMAGE_QUALITY = "80" })
    error_message = "Settings are environment variables."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal.Service == ["lambda.amazonaws.com"]
    error_message = "Lambda may take the role, the edge may not."
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
        Resource = ["arn:aws:logs:*:123456789012:log-group:/aws/lambda/regional:*"]
      },
      {
        Sid      = "AnswerForObjectLambda"
        Effect   = "Allow"
        Action   = ["s3-object-lambda:WriteGetObjectResponse"]
        Resource = ["*"]
      },
      {
        Sid       = "ReadThroughObjectLambda"
        Effect    = "Allow"
        Action    = ["s3:GetObject"]
        Resource  = ["arn:aws:s3:eu-central-1:123456789012:accesspoint/pictures/object/*"]
        Condition = { "ForAnyValue:StringEquals" = { "aws:CalledVia" = "s3-object-lambda.amazonaws.com" } }
      },
    ]
    error_message = "It writes into its own log and does what is granted, where named only through another service."
  }

  assert {
    condition     = length(aws_lambda_function_url.this) + length(aws_lambda_permission.invoke) + length(aws_lambda_permission.invoke_url) == 0
    error_message = "Nobody may invoke it."
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
    error_message = "The URL takes signed requests alone."
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
    distribution_arns = ["E1ABC"]
    environment       = { IMAGE_QUALITY = "80" }
    url               = true
  }

  expect_failures = [var.distribution_arns, var.environment, var.url]
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
    error_message = "S3 Object Lambda calls for CloudFront: the account is certain, the distribution is not."
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
    error_message = "Nobody waits for it, and it need not take all that the account has."
  }
}

run "refuses_a_reservation_at_the_edge" {
  command = plan

  variables {
    reserved_concurrency = 5
  }

  expect_failures = [var.reserved_concurrency]
}
