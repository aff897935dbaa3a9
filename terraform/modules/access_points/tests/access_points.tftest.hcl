mock_provider "aws" {
  mock_resource "aws_s3_access_point" {
    defaults = { arn = "arn:aws:s3:eu-central-1:123456789012:accesspoint/images-originals" }
  }

  mock_resource "aws_s3control_object_lambda_access_point" {
    defaults = {
      alias = "images-images-abc123--ol-s3"
      arn   = "arn:aws:s3-object-lambda:eu-central-1:123456789012:accesspoint/images-images"
    }
  }
}

variables {
  name         = "images"
  bucket_name  = "images"
  function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:images"
}

# The successor is created before the deletion, and two access points of one name cannot exist.
run "the_names_depend_on_the_bucket" {
  command = plan

  assert {
    condition = [aws_s3_access_point.supporting.name, aws_s3control_object_lambda_access_point.this.name] == [
      "images-originals-${substr(sha256("images"), 0, 5)}", "images-images-${substr(sha256("images"), 0, 5)}",
    ]
    error_message = "The access points of another bucket have other names."
  }
}

# AWS allows 45 characters for an Object Lambda access point and 50 for an access point.
run "accepts_a_name_of_32_characters" {
  command = plan

  variables {
    name = "a-name-of-thirty-two-characters1"
  }

  assert {
    condition     = length(aws_s3control_object_lambda_access_point.this.name) == 45 && length(aws_s3_access_point.supporting.name) <= 50
    error_message = "The longest name fits into the names of both access points."
  }
}

run "refuses_a_name_of_33_characters" {
  command = plan

  variables {
    name = "a-name-of-thirty-three-characters"
  }

  expect_failures = [var.name]
}

run "closed_unless_a_role_may" {
  assert {
    condition     = aws_s3_access_point.supporting.bucket == "images" && startswith(aws_s3_access_point.supporting.name, "images-originals-")
    error_message = "The supporting access point is over the bucket."
  }

  assert {
    condition     = alltrue(values(one(aws_s3_access_point.supporting.public_access_block_configuration)))
    error_message = "The access point is never public."
  }

  assert {
    condition = one(aws_s3control_object_lambda_access_point.this.configuration).supporting_access_point == aws_s3_access_point.supporting.arn && (
      one(aws_s3control_object_lambda_access_point.this.configuration).allowed_features == toset(["GetObject-Range", "HeadObject-Range"])
    )
    error_message = "Ranges reach the function."
  }

  assert {
    condition = alltrue([
      for transformation in one(aws_s3control_object_lambda_access_point.this.configuration).transformation_configuration :
      transformation.actions == toset(["GetObject", "HeadObject"]) && one(one(transformation.content_transformation).aws_lambda).function_arn == var.function_arn
    ])
    error_message = "The function responds to GET and HEAD."
  }

  assert {
    condition     = length(aws_s3control_object_lambda_access_point_policy.this) + length(aws_s3control_access_point_policy.supporting) == 0
    error_message = "There is no policy, because the rights of roles apply."
  }

  assert {
    condition = [output.domain_name, output.alias_domain_name] == [
      "images-images-${substr(sha256("images"), 0, 5)}-123456789012.s3-object-lambda.eu-central-1.amazonaws.com",
      "images-images-abc123--ol-s3.s3.eu-central-1.amazonaws.com",
    ]
    error_message = "There is a name for signed requests and one for CloudFront."
  }
}

run "open_to_one_distribution" {
  variables {
    distribution_arns = ["arn:aws:cloudfront::123456789012:distribution/E1ABC"]
  }

  assert {
    condition = jsondecode(aws_s3control_object_lambda_access_point_policy.this[0].policy).Statement == [{
      Sid       = "AllowCloudFrontToRead"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3-object-lambda:GetObject"
      Resource  = output.arn
      Condition = { StringEquals = { "aws:SourceArn" = ["arn:aws:cloudfront::123456789012:distribution/E1ABC"] } }
    }]
    error_message = "CloudFront may read images for this distribution."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_s3control_access_point_policy.supporting[0].policy).Statement : statement.Action => statement.Resource
      } == {
      "s3:GetObject"  = "${output.supporting_arn}/object/*"
      "s3:ListBucket" = output.supporting_arn
    }
    error_message = "CloudFront may read originals and gets 404 for missing ones."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_s3control_access_point_policy.supporting[0].policy).Statement :
      statement.Condition == { "ForAnyValue:StringEquals" = { "aws:CalledVia" = "s3-object-lambda.amazonaws.com" } }
    ])
    error_message = "CloudFront may use these rights only through S3 Object Lambda."
  }
}

run "refuses_invalid_values" {
  command = plan

  variables {
    function_arn = "images"
    name         = "two--hyphens"
  }

  expect_failures = [var.function_arn, var.name]
}

# An upgrade from a version with other names creates no access point.
run "another_prefix_keeps_the_names" {
  variables {
    name = "renamed"
  }

  assert {
    condition     = startswith(aws_s3_access_point.supporting.name, "images-") && startswith(aws_s3control_object_lambda_access_point.this.name, "images-")
    error_message = "Access points that exist keep their names."
  }
}
