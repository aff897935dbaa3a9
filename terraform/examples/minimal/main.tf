module "edge_images" {
  source = "../../modules/edge_images"

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  name = "holiday-images"
}
