"""Expected results for the images in `tests/cases`, judged independently of the code under test."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

CASES = Path(__file__).resolve().parents[1] / "cases"

type Pixels = npt.NDArray[np.float64]

# Content of several files, read from a PNG whose only fault is an unknown colour space.
_SAME_IMAGE = "cicp-p3.png"
# Resampling keeps the mean of an image; JPEG and palettes change the mean by less than this.
_TOLERANCE_LEVELS = 3.0


@dataclass(frozen=True, kw_only=True)
class Case:
    """A file and the expected properties of its derivative.

    Attributes:
        name: file in `tests/cases`.
        mean: mean red, green and blue of the image as a browser shows it, 0 to 255.
        max_bytes: maximum size of a derivative.
        frames: number of frames of a derivative in the original's format.
        mode: Pillow mode of a derivative; "" accepts any.
        min_psnr_db: minimum similarity to the original, resized without a palette; 0 accepts any.
    """

    name: str
    mean: Callable[[], Pixels]
    max_bytes: int = 200_000
    frames: int = 1
    mode: str = ""
    min_psnr_db: float = 0.0


def stored(name: str) -> Callable[[], Pixels]:
    """Return the mean of the stored samples, in sRGB."""
    return lambda: _mean(_open(name))


def constant(red: float, green: float, blue: float) -> Callable[[], Pixels]:
    """Return a known mean."""
    return lambda: np.array([red, green, blue])


def linear(name: str) -> Callable[[], Pixels]:
    """Return the mean in sRGB of linear samples (gAMA of 1.0)."""

    def converted() -> Pixels:
        light = np.asarray(_open(name).convert("RGB"), dtype=np.float64) / 255
        return (_srgb_from_light(light) * 255).reshape(-1, 3).mean(axis=0)

    return converted


def display_p3(name: str) -> Callable[[], Pixels]:
    """Return the mean in sRGB of Display P3 samples, clipped to sRGB (matrix of CSS Color 4, section 18)."""

    def converted() -> Pixels:
        samples = np.asarray(_open(name).convert("RGB"), dtype=np.float64) / 255
        light = np.where(samples <= 0.04045, samples / 12.92, ((samples + 0.055) / 1.055) ** 2.4)
        matrix = np.array(
            [[1.2249402, -0.2249402, 0.0], [-0.0420570, 1.0420570, 0.0], [-0.0196376, -0.0786361, 1.0982737]]
        )
        return (_srgb_from_light((light @ matrix.T).clip(0, 1)) * 255).reshape(-1, 3).mean(axis=0)

    return converted


def by_profile(name: str) -> Callable[[], Pixels]:
    """Return the mean in sRGB of a grey image with an RGB profile."""

    def converted() -> Pixels:
        image = _open(name)
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        result = ImageCms.profileToProfile(image.convert("RGB"), profile, ImageCms.createProfile("sRGB"))
        assert result is not None
        return _mean(result)

    return converted


TABLE = [
    Case(name="icc-time-bomb-cmyk.jpg", mean=constant(235, 235, 235)),
    Case(name="icc-memory-bomb-cmyk.jpg", mean=constant(235, 235, 235)),
    Case(name="icc-1300k.png", mean=stored(_SAME_IMAGE)),
    Case(name="badcrc-iccp.png", mean=stored(_SAME_IMAGE)),
    Case(name="gif-no-trailer.gif", mean=stored("gif-no-trailer.gif"), frames=2),
    Case(name="png-trns-on-rgba.png", mean=stored("png-trns-on-rgba.png")),
    Case(name="jpeg-no-eoi.jpg", mean=stored("icc-v4-60kB.jpg")),
    Case(name="pngquant-cutout.png", mean=stored("pngquant-cutout.png"), mode="P", min_psnr_db=37.0),
    Case(name="gama-linear.png", mean=linear("gama-linear.png")),
    Case(name="cicp-p3.png", mean=display_p3("cicp-p3.png")),
    Case(
        name="apng-palette-64.png", mean=stored("apng-palette-64.png"), frames=12, mode="P", max_bytes=90_000
    ),
    Case(name="grey-rgbprofile-g18.jpg", mean=by_profile("grey-rgbprofile-g18.jpg")),
    Case(name="icc-v4-60kB.jpg", mean=stored("icc-v4-60kB.jpg"), max_bytes=30_000),
]


def fault(case: Case, body: bytes) -> str:
    """Return the fault of a derivative that fits in 360 x 360 pixels; "" if there is none."""
    image = Image.open(io.BytesIO(body))
    frames = getattr(image, "n_frames", 1)
    mode = image.mode
    image.load()
    if frames != case.frames:
        return f"{frames} frames instead of {case.frames}"
    if case.mode and mode != case.mode:
        return f"mode {mode} instead of {case.mode}"
    if len(body) > case.max_bytes:
        return f"{len(body)} bytes, more than {case.max_bytes}"
    difference = float(np.abs(_mean(_in_srgb(image)) - case.mean()).max())
    if difference > _TOLERANCE_LEVELS:
        return f"the mean colour differs by {difference:.1f} levels"
    psnr_db = _psnr_db(case, image) if case.min_psnr_db else 0.0
    return f"PSNR of {psnr_db:.1f} dB" if psnr_db < case.min_psnr_db else ""


def _open(name: str) -> Image.Image:
    return Image.open(io.BytesIO((CASES / name).read_bytes()))


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if not profile:
        return image
    result = ImageCms.profileToProfile(
        image.convert("RGB"), ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    )
    assert result is not None
    return result


def _psnr_db(case: Case, image: Image.Image) -> float:
    """Return the PSNR in dB of premultiplied colour and alpha, against the original resized as RGBA."""
    original = _open(case.name).convert("RGBA").convert("RGBa")
    reference = np.asarray(original.resize(image.size, Image.Resampling.LANCZOS), dtype=np.float64)
    found = np.asarray(image.convert("RGBA").convert("RGBa"), dtype=np.float64)
    return float(10 * np.log10(255**2 / np.mean((reference - found) ** 2)))


def _srgb_from_light(light: Pixels) -> Pixels:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _mean(image: Image.Image) -> Pixels:
    """Return the mean colour over white, since the colour of transparent pixels is arbitrary."""
    opaque = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    over_white = Image.alpha_composite(white, opaque).convert("RGB")
    return np.asarray(over_white, dtype=np.float64).reshape(-1, 3).mean(axis=0)
