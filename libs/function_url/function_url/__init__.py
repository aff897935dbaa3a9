"""Responses of functions to requests through a Lambda function URL."""

from function_url.responses import (
    MAX_BODY_BYTES,
    MAX_RESULT_BYTES,
    METHODS,
    Response,
    encode_response,
    is_deliverable,
)

__all__ = ["MAX_BODY_BYTES", "MAX_RESULT_BYTES", "METHODS", "Response", "encode_response", "is_deliverable"]
