module "edge_images" {
  source = "../../modules/edge_images"

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  name     = "holiday-images"
  variants = ["s3_trigger"]

  s3_trigger = {
    delivery = "cloudfront"
    size     = { width = 640, height = 400 }
    suffixes = [".jpg", ".jpeg", ".png", ".webp"]
  }
}
