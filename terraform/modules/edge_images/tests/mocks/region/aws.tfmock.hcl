mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_region" {
  defaults = { id = "eu-central-1" }
}

mock_resource "aws_cloudfront_function" {
  defaults = { arn = "arn:aws:cloudfront::123456789012:function/edge-images-edge-resize" }
}

mock_resource "aws_cloudfront_key_value_store" {
  defaults = { arn = "arn:aws:cloudfront::123456789012:key-value-store/a1b2c3d4" }
}

mock_data "aws_s3_bucket" {
  defaults = {
    arn                         = "arn:aws:s3:::my-images"
    bucket_regional_domain_name = "my-images.s3.eu-central-1.amazonaws.com"
    id                          = "my-images"
  }
}

mock_resource "aws_cloudfront_distribution" {
  defaults = {
    arn         = "arn:aws:cloudfront::123456789012:distribution/E1ABC"
    domain_name = "d111111abcdef8.cloudfront.net"
    id          = "E1ABC"
  }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/regional" }
}

mock_resource "aws_lambda_function" {
  defaults = {
    arn     = "arn:aws:lambda:eu-central-1:123456789012:function:edge-images-object-lambda"
    version = "$LATEST"
  }
}

mock_resource "aws_lambda_function_url" {
  defaults = { url_id = "abc" }
}

mock_resource "aws_s3_access_point" {
  defaults = { arn = "arn:aws:s3:eu-central-1:123456789012:accesspoint/edge-images-originals" }
}

mock_resource "aws_s3_bucket" {
  defaults = { arn = "arn:aws:s3:::images" }
}

mock_resource "aws_sqs_queue" {
  defaults = {
    arn = "arn:aws:sqs:eu-central-1:123456789012:edge-images-s3-trigger-failures"
    url = "https://sqs.eu-central-1.amazonaws.com/123456789012/edge-images-s3-trigger-failures"
  }
}

mock_resource "aws_s3control_object_lambda_access_point" {
  defaults = {
    alias = "edge-images-images-abc--ol-s3"
    arn   = "arn:aws:s3-object-lambda:eu-central-1:123456789012:accesspoint/edge-images-images"
  }
}
