provider "aws" {
  alias  = "staging"
  region = "eu-central-1"

  assume_role {
    role_arn = var.role_arns.staging
  }

  default_tags {
    tags = { environment = "staging" }
  }
}

provider "aws" {
  alias  = "staging_us_east_1"
  region = "us-east-1"

  assume_role {
    role_arn = var.role_arns.staging
  }

  default_tags {
    tags = { environment = "staging" }
  }
}

provider "aws" {
  alias  = "production"
  region = "eu-central-1"

  assume_role {
    role_arn = var.role_arns.production
  }

  default_tags {
    tags = { environment = "production" }
  }
}

provider "aws" {
  alias  = "production_us_east_1"
  region = "us-east-1"

  assume_role {
    role_arn = var.role_arns.production
  }

  default_tags {
    tags = { environment = "production" }
  }
}
