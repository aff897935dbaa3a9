provider "aws" {
  region = "eu-central-1"
}

# Edge functions and certificates of CloudFront are in this Region only.
provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"
}
