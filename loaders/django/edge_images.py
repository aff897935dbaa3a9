"""Template tags for the URLs of images, with the setting EDGE_IMAGES_URL = "https://img.example.com"."""

from urllib.parse import quote, urlencode

from django import template
from django.conf import settings

WIDTHS = (256, 384, 640, 750, 828, 1080, 1200, 1920, 2048, 3840)

register = template.Library()


@register.simple_tag
def image_url(key: str, **options: object) -> str:
    base = settings.EDGE_IMAGES_URL.rstrip("/")
    return f"{base}/{quote(key)}?{urlencode({'format': 'auto', **options})}"


@register.simple_tag
def image_srcset(key: str, **options: object) -> str:
    return ", ".join(f"{image_url(key, width=width, **options)} {width}w" for width in WIDTHS)
