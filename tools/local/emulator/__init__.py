"""The AWS emulator: MiniStack in a process of its own, with bridges over the gaps of release 1.5.33.

`process` starts and stops the emulator, `boot` is the program of that process. The other modules bridge the
differences between MiniStack and AWS that the local stack depends on:

- `boot`: A request counts as TLS. Locally the emulator is reached over plain HTTP, AWS over TLS, and a bucket
  policy that refuses plain HTTP (`aws:SecureTransport`) would refuse all clients, including CloudFront.
- `cloudfront`: CloudFront signs origin requests with origin access control, and a changed function can be
  published.
- `deliveries`: Deliveries of logs have ids as in AWS.
- `events`: Asynchronous invocations are limited; failed events, event source mappings and EventBridge's
  messages need permissions; alarms are complete.
- `limits`: Notifications need a permission, and Lambda keeps unreserved concurrency.
- `object_lambda`: S3 Object Lambda, access points and function URLs.
- `s3`: Missing keys are hidden from callers without s3:ListBucket, lists of versions are URL-encoded, and a
  plus in a path is a space.
- `sandboxes`: A change of a function does not end its running invocations.
- `terraform_requests`: Requests of Terraform are validated against AWS's models, and responses to Terraform
  are delayed.

`tests/tools/local/emulator/test_gaps.py` fails as soon as a release of MiniStack closes a gap.
"""
