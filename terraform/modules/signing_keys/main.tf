resource "aws_cloudfront_key_value_store" "this" {
  name    = var.name
  comment = "Key ID => secret of signed image URLs"
}

# The ID of a key is part of URLs and no secret.
resource "aws_cloudfrontkeyvaluestore_key" "this" {
  for_each = toset(nonsensitive(keys(var.keys)))

  key_value_store_arn = aws_cloudfront_key_value_store.this.arn
  key                 = each.key
  value               = var.keys[each.key]
}
