"""The body of an error response."""

TRY_AGAIN = "The image cannot be delivered at the moment; try again later."
"""The message of a transient error for the viewer."""


def error_document(code: str, message: str, resource: str = "") -> str:
    """Return an error document like those of S3, of type `application/xml`.

    Args:
        code: error code in the style of S3, such as `NoSuchKey`.
        message: one sentence for the viewer.
        resource: path and canonical query of the request. Empty: the document has no element `Resource`.
    """
    element = f"<Resource>{_escape(resource)}</Resource>" if resource else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{_escape(message)}</Message>{element}</Error>"
    )


def _escape(text: str) -> str:
    # `xml.sax.saxutils.escape` would do the same, at the price of its import in a cold start.
    return text.replace("&", "&amp;").replace("<", "&lt;")
