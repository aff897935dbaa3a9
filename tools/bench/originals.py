"""Originals for measurements, apart from those by which settings of image_core were chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.bench.environment import Peers
from tools.paths import PROJECT
from tools.process import run

_MATERIAL = "material-dashboard/assets/img"
_STYLISH = "startbootstrap-stylish-portfolio/dist/assets/img"

# Used to choose margins, filters and quality scales. Encoder settings were chosen by some of these and by the
# photographs of Debian's package mate-backgrounds. A measurement on the same photographs would flatter the
# settings.
_CLEAN_BLOG = "startbootstrap-clean-blog/dist/assets/img"
_NOW_UI_KIT = "now-ui-kit/assets/img"
_PAPER_KIT = "paper-kit-2/assets/img"
TUNED_ON = (
    *(f"{_CLEAN_BLOG}/{name}-bg.jpg" for name in ("about", "contact", "home", "post")),
    *(f"{_NOW_UI_KIT}/{name}.jpg" for name in ("bg4", "bg6", "bg11", "header", "login")),
    *(
        f"{_PAPER_KIT}/{name}.jpg"
        for name in (
            "antoine-barres",
            "bruno-abatti",
            "daniel-olahh",
            "daniel-olahs",
            "fabio-mangione",
            "federico-beccari",
            "login-image",
            "uriel-soberanes",
        )
    ),
)
# Graphics and animations that settings may be chosen by, as folders of the project.
GRAPHICS_TUNED_ON = ("tests/cases", "tests/images")

# Baseline JPEG of 2.1 to 12.2 megapixels, as cameras write.
MEASURED_ON = (
    f"{_MATERIAL}/home-decor-1.jpg",
    f"{_MATERIAL}/products/product-11.jpg",
    f"{_MATERIAL}/vr-bg.jpg",
    "startbootstrap-agency/dist/assets/img/header-bg.jpg",
    "startbootstrap-business-casual/dist/assets/img/bg.jpg",
    f"{_STYLISH}/bg-callout.jpg",
    f"{_STYLISH}/bg-masthead.jpg",
)
SAMPLES_MEASURED_ON = ("sunset.jpg", "wine-tall.jpg")

# Progressive JPEG, as prepared for web pages. All sides but the documented original keep a JPEG progressive.
PROGRESSIVE = (
    f"{_MATERIAL}/ivancik.jpg",
    f"{_MATERIAL}/products/product-details-1.jpg",
    "soft-ui-design-system/assets/img/card-2.jpg",
)

TWELVE_MEGAPIXELS = "sunset.jpg"

PHOTOGRAPH = "photograph"
ALPHA = "graphic with alpha"
PALETTE = "graphic with a palette"
ANIMATION = "animation"

IN_CONVERSIONS: Mapping[str, Sequence[str]] = {
    PHOTOGRAPH: (f"{_MATERIAL}/products/product-11.jpg", f"{_STYLISH}/bg-masthead.jpg"),
    ALPHA: (
        f"{_MATERIAL}/illustrations/danger-chat-ill.png",
        f"{_MATERIAL}/illustrations/dark-lock-ill.png",
        "startbootstrap-agency/dist/assets/img/map-image.png",
    ),
    PALETTE: (
        f"{_MATERIAL}/illustrations/chat.png",
        f"{_MATERIAL}/illustrations/error-404.png",
        f"{_MATERIAL}/illustrations/rocket-white.png",
    ),
    ANIMATION: (
        "gifuct-js/demo/horses.gif",
        "gifuct-js/demo/dog.gif",
        "gifwrap/test/fixtures/rnaples-offsets-public.gif",
    ),
}
"""Originals in npm packages, by content. The sample of 12 megapixels is one more photograph."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of original.

    Attributes:
        content: PHOTOGRAPH, ALPHA, PALETTE or ANIMATION.
        format: JPEG, PNG, WEBP, AVIF or GIF.
    """

    content: str
    format: str


_FORMATS = {PHOTOGRAPH: "JPEG", ALPHA: "PNG", PALETTE: "PNG", ANIMATION: "GIF"}
MADE_WITH: Mapping[Kind, Mapping[str, object]] = {
    Kind(content=PHOTOGRAPH, format="PNG"): {},
    Kind(content=PHOTOGRAPH, format="WEBP"): {"quality": 85},
    Kind(content=PHOTOGRAPH, format="AVIF"): {"quality": 70, "speed": 8},
    Kind(content=ALPHA, format="WEBP"): {"lossless": True},
    Kind(content=ANIMATION, format="WEBP"): {"quality": 85},
}
"""Kinds that no package has files of: options of Pillow's encoder to make them with."""


def find_photographs(packages: Path, samples: Path) -> dict[str, list[Path]]:
    """Find the photographs to measure in all sizes, by kind of JPEG.

    Args:
        packages: folder of the npm packages.
        samples: folder of the project's own images.

    Returns:
        Existing files by "baseline" and "progressive". Without npm, only the project's own are left.
    """
    baseline = [samples / name for name in SAMPLES_MEASURED_ON] + [packages / name for name in MEASURED_ON]
    kinds = {"baseline": baseline, "progressive": [packages / name for name in PROGRESSIVE]}
    return {kind: [path for path in paths if path.is_file()] for kind, paths in kinds.items()}


def find_originals(peers: Peers, samples: Path, folder: Path) -> dict[Kind, list[Path]]:
    """Find the originals for each pair of formats, and make those that no npm package has.

    Args:
        peers: have the npm packages with originals, and the Python that makes the others.
        samples: folder of the project's own images.
        folder: receives the files that are made.

    Returns:
        Existing files by kind. Without npm, only kinds of photographs are left.

    Raises:
        CommandError: a file could not be made.
    """
    packages = peers.packages or samples
    found = {content: [packages / name for name in names] for content, names in IN_CONVERSIONS.items()}
    found[PHOTOGRAPH].insert(0, samples / TWELVE_MEGAPIXELS)
    existing = {content: [path for path in paths if path.is_file()] for content, paths in found.items()}
    originals = {
        Kind(content=content, format=_FORMATS[content]): paths for content, paths in existing.items()
    }
    for kind in MADE_WITH:
        originals[kind] = [_make(peers, path, kind, folder) for path in existing[kind.content]]
    return {kind: paths for kind, paths in originals.items() if paths}


def _make(peers: Peers, path: Path, kind: Kind, folder: Path) -> Path:
    target = folder / f"{path.stem}.{kind.format.lower()}"
    options = [f"{name}={value}" for name, value in MADE_WITH[kind].items()]
    module = ["-E", "-s", "-m", "tools.bench.sides.make_original"]
    run([peers.python, *module, path, target, kind.format, *options], cwd=PROJECT)
    return target
