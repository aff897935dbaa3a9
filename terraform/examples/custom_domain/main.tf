variable "zone_id" {
  type        = string
  description = "Id of the hosted zone of example.com."
}

module "edge_images" {
  source = "../../modules/edge_images"

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  name    = "holiday-images"
  domain  = { names = ["img.example.com"], zone_id = var.zone_id }
  web_acl = { max_requests = 2000 }
}
