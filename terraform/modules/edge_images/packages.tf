# The zips of the functions, and other files of the product from which this module reads.
locals {
  # In a release, the folders of modules, zips and functions are side by side. In the repository, modules are one level deeper.
  product = "${path.module}/${fileexists("${path.module}/../../manifest.json") ? "../.." : "../../.."}"

  zip_directory = coalesce(var.packages.zip_directory, "${local.product}/dist")

  functions = ["edge_resize", "edge_signer", "object_lambda", "purge", "regional_resize", "s3_trigger"]

  # An object has all attributes, so that both kinds of packages have one type.
  packages = { for name in local.functions : name => {
    bucket  = try(var.packages.s3[name].bucket, null)
    file    = contains(keys(var.packages.s3), name) ? null : "${local.zip_directory}/${name}.zip"
    key     = try(var.packages.s3[name].key, null)
    sha256  = try(var.packages.s3[name].sha256, null)
    version = try(var.packages.s3[name].version, null)
  } }
}
