provider "aws" {
  region = var.region

  default_tags {
    tags = var.tags
  }
}

# CloudFront accepts edge functions and certificates from this Region only.
provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"

  default_tags {
    tags = var.tags
  }
}
