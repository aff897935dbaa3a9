output "certificate_arn" {
  description = "ARN of the certificate, available once the certificate is valid."
  value       = aws_acm_certificate_validation.this.certificate_arn
}
