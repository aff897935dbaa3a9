"""Photographs in every size and format, from the bucket through the function to a viewer."""

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, ImageColor

from tests.functions.edge_resize.keys import derived_key
from tests.local.s3_proxy import S3Proxy
from tests.local.viewer import Viewer
from tools.local.stack import Stack

pytestmark = pytest.mark.xdist_group("stack")

SIZES = {
    "XS": (427, 240),
    "S": (854, 480),
    "M": (1200, 628),
    "L": (1280, 720),
    "SXS": (180, 180),
    "SS": (360, 360),
    "SM": (540, 540),
    "SL": (1080, 1080),
}
# Upright width and height of the samples.
SAMPLES = {"cat.jpg": (640, 427), "wine-tall.jpg": (1707, 2558), "astronaut-square.png": (512, 512)}
AWKWARD = (
    "a b.jpg",
    "a+b.jpg",
    "100%.jpg",
    "a%20b.jpg",
    "café.jpg",
    "写真/猫.jpg",
    "😀.jpg",
    "x//y/~@!$&'()*,;=:#?[]\".jpg",
    "UPPER.JPG",
)


def fit_into(upright: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """Return the size of an upright image in a box, which is rotated for portrait images."""
    width, height = upright
    if height > width:
        box = box[::-1]
    scale = min(box[0] / width, box[1] / height, 1)
    return round(width * scale), round(height * scale)


def test_twelve_megapixels_to_webp_first_a_miss_then_a_hit(viewer: Viewer) -> None:
    first = viewer.get("sunset.jpg", "size=M&to_webp=1")
    image = first.image()
    assert (first.headers["Content-Type"], first.x_cache) == ("image/webp", "Miss")
    assert (image.format, image.size) == ("WEBP", fit_into((4272, 2848), SIZES["M"]))
    assert not image.getexif()
    assert "exif" not in image.info
    second = viewer.get("sunset.jpg", "size=M&to_webp=1")
    assert (second.x_cache, second.body) == ("Hit", first.body)
    assert int(second.headers["Age"]) >= 0


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("size", SIZES)
def test_every_size_and_format_of_wide_tall_and_square(viewer: Viewer, name: str, size: str) -> None:
    expected = fit_into(SAMPLES[name], SIZES[size])
    own = viewer.get(name, f"size={size}")
    assert (own.image().format, own.image().size) == ("PNG" if name.endswith("png") else "JPEG", expected)
    webp = viewer.get(name, f"size={size}&to_webp=1")
    assert (webp.image().format, webp.image().size) == ("WEBP", expected)
    assert webp.headers["Content-Type"] == "image/webp"


def test_images_are_transposed_to_upright_without_exif(viewer: Viewer) -> None:
    images = [viewer.get(f"orientation/{number}.jpg", "size=SS").image() for number in range(1, 9)]
    assert {image.size for image in images} == {fit_into((451, 300), SIZES["SS"])}
    assert not any(image.getexif() for image in images)
    # All eight files show the same image.
    first = images[0].convert("RGB").resize((8, 6)).tobytes()
    for image in images[1:]:
        other = image.convert("RGB").resize((8, 6)).tobytes()
        assert max(abs(a - b) for a, b in zip(first, other, strict=True)) < 30


@pytest.mark.parametrize("key", AWKWARD)
def test_keys_with_spaces_signs_accents_and_emoji(
    stack: Stack, viewer: Viewer, put: Callable[..., str], key: str
) -> None:
    put(key, "cat.jpg")
    assert viewer.get(key, "size=SXS").image().size == fit_into(SAMPLES["cat.jpg"], SIZES["SXS"])
    assert viewer.get(key, "size=SXS").x_cache == "Hit"
    stored = stack.s3.head_object(Bucket=stack.outputs["bucket_name"], Key=derived_key(key, "size=SXS"))
    assert stored["ContentType"] == "image/jpeg"
    assert viewer.get(key).image().size == SAMPLES["cat.jpg"]


def test_a_plus_in_a_url_is_a_plus_in_the_key(viewer: Viewer, put: Callable[..., str]) -> None:
    # S3 reads a literal plus as a space: the object with a space must not be served instead.
    put("plus/a+b.jpg", "cat.jpg")
    put("plus/a b.jpg", "astronaut-square.png")
    cat, other = SAMPLES["cat.jpg"], SAMPLES["astronaut-square.png"]
    for target, whole in (("/plus/a+b.jpg", cat), ("/plus/a%2Bb.jpg", cat), ("/plus/a%20b.jpg", other)):
        assert viewer.request(target).image().size == whole
        assert viewer.request(f"{target}?size=SXS").image().size == fit_into(whole, SIZES["SXS"])


def test_conditional_range_and_head_requests(viewer: Viewer) -> None:
    whole = viewer.get("cat.png")
    head = viewer.get("cat.png", method="HEAD")
    assert (head.headers["Content-Length"], head.body) == (str(len(whole.body)), b"")
    part = viewer.get("cat.png", Range="bytes=10-19")
    assert (part.status, part.body) == (206, whole.body[10:20])
    known = viewer.get("cat.png", If_None_Match=whole.headers["ETag"])
    assert (known.status, known.body, known.x_cache) == (304, b"", "Hit")


def test_browsers_cache_an_original_as_stored_and_no_error(
    stack: Stack, viewer: Viewer, put: Callable[..., str]
) -> None:
    lifetime = "public, max-age=86400, s-maxage=86400"
    key = put("lifetime.jpg", "cat.jpg")
    assert (viewer.get(key).headers["Cache-Control"], viewer.get(key).x_cache) == (lifetime, "Hit")
    assert viewer.get("lifetime-missing.jpg").headers["Cache-Control"] == "no-cache"
    stack.s3.put_object(
        Bucket=stack.outputs["bucket_name"], Key="own.jpg", Body=b"own", CacheControl="max-age=5"
    )
    assert viewer.get("own.jpg").headers["Cache-Control"] == "max-age=5"


def test_headers_of_every_response(viewer: Viewer) -> None:
    headers = viewer.get("cat.jpg", "size=XS", Origin="https://shop.example").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "cloudfront.net (CloudFront)" in headers["Via"]
    assert headers["X-Amz-Cf-Id"]
    assert headers["X-Amz-Cf-Pop"]


def test_a_miss_costs_four_requests_to_s3_and_a_stored_derivative_two(
    viewer: Viewer, put: Callable[..., str], invalidate: Callable[[str], None], s3_proxy: S3Proxy
) -> None:
    put("counted.jpg", "cat.jpg")
    assert viewer.get("counted.jpg", "size=S").x_cache == "Miss"
    cold = s3_proxy.requests_for("counted.jpg")
    derivative = derived_key("counted.jpg", "size=S")
    made = {
        ("HEAD", derivative): 1,
        ("HEAD", "counted.jpg"): 1,
        ("GET", "counted.jpg"): 1,
        ("PUT", derivative): 1,
    }
    assert cold == made
    invalidate("/counted.jpg*")
    assert viewer.get("counted.jpg", "size=S").x_cache == "Miss"
    found = s3_proxy.requests_for("counted.jpg") - cold
    assert found == {("HEAD", derivative): 1, ("HEAD", "counted.jpg"): 1}


def test_a_negotiated_format_is_the_same_in_misses_hits_and_heads(
    viewer: Viewer, put: Callable[..., str]
) -> None:
    put("negotiated.jpg", "cat.jpg")
    for accept, allowed in (
        ("image/avif,image/webp,*/*;q=0.8", {"image/avif", "image/webp"}),
        ("image/webp,*/*", {"image/webp"}),
        ("*/*", {"image/jpeg", "image/png"}),
    ):
        miss, hit, head = (
            viewer.get("negotiated.jpg", "width=64&format=auto", method=method, Accept=accept)
            for method in ("GET", "GET", "HEAD")
        )
        assert [each.x_cache for each in (miss, hit, head)] == ["Miss", "Hit", "Hit"]
        assert {each.headers["Vary"] for each in (miss, hit, head)} == {"Accept"}
        cache_control = {each.headers["Cache-Control"] for each in (miss, hit, head)}
        assert cache_control == {"public, max-age=86400, s-maxage=86400"}
        (content_type,) = {each.headers["Content-Type"] for each in (miss, hit, head)}
        assert content_type in allowed
        assert Image.MIME[miss.image().format or ""] == content_type
        assert hit.body == miss.body


def test_a_crop_follows_the_focal_point_of_the_original(stack: Stack, viewer: Viewer) -> None:
    image, body = Image.new("RGB", (600, 200), "red"), BytesIO()
    image.paste("blue", (400, 0, 600, 200))
    image.save(body, "PNG")
    for key, focal_point, colour in (("left.png", "0.1,0.5", "red"), ("right.png", "0.9,0.5", "blue")):
        metadata = {"focal-point": focal_point}
        stack.s3.put_object(
            Bucket=stack.outputs["bucket_name"], Key=key, Body=body.getvalue(), Metadata=metadata
        )
        response = viewer.get(key, "width=64&height=64&fit=cover")
        crop = response.image().convert("RGB")
        assert (crop.size, crop.getpixel((32, 32))) == ((64, 64), ImageColor.getrgb(colour))
        assert not [name for name in response.headers if name.lower().startswith("x-amz-meta-source")]
