provider "aws" {
  region = var.region

  default_tags {
    tags = var.tags
  }
}

# CloudFront takes edge functions and their certificates from this Region alone.
provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"

  default_tags {
    tags = var.tags
  }
}
