"""The stack on one machine: an AWS emulator, the real Terraform and an edge that behaves like CloudFront."""
