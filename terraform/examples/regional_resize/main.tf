module "edge_images" {
  source = "../../modules/edge_images"

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  name     = "holiday-images"
  bucket   = { create = false, name = "holiday-images-originals" }
  variants = ["regional_resize"]

  regional_resize = {
    derivative_expiration_days = 365
    origin_shield              = "eu-central-1"
  }
}
