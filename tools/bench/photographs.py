"""Photographs for measurements, apart from those that image_core was tuned on."""

from pathlib import Path

# Used to choose margins and filters. Encoder settings were chosen by some of these and by the photographs
# of Debian's package mate-backgrounds. A measurement on the same photographs would flatter the settings.
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

# Baseline JPEG of 2.1 to 12.2 megapixels, as cameras write.
MEASURED_ON = (
    "material-dashboard/assets/img/home-decor-1.jpg",
    "material-dashboard/assets/img/products/product-11.jpg",
    "material-dashboard/assets/img/vr-bg.jpg",
    "startbootstrap-agency/dist/assets/img/header-bg.jpg",
    "startbootstrap-business-casual/dist/assets/img/bg.jpg",
    "startbootstrap-stylish-portfolio/dist/assets/img/bg-callout.jpg",
    "startbootstrap-stylish-portfolio/dist/assets/img/bg-masthead.jpg",
)
SAMPLES_MEASURED_ON = ("sunset.jpg", "wine-tall.jpg")

# Progressive JPEG, as prepared for web pages. All sides but the documented original keep a JPEG progressive.
PROGRESSIVE = (
    "material-dashboard/assets/img/ivancik.jpg",
    "material-dashboard/assets/img/products/product-details-1.jpg",
    "soft-ui-design-system/assets/img/card-2.jpg",
)

TWELVE_MEGAPIXELS = "sunset.jpg"


def find_photographs(packages: Path, samples: Path) -> dict[str, list[Path]]:
    """Find the photographs to measure, by kind.

    Args:
        packages: folder of the npm packages.
        samples: folder of the project's own photographs.

    Returns:
        Existing files by "baseline" and "progressive". Without npm, only the project's own are left.
    """
    baseline = [samples / name for name in SAMPLES_MEASURED_ON] + [packages / name for name in MEASURED_ON]
    kinds = {"baseline": baseline, "progressive": [packages / name for name in PROGRESSIVE]}
    return {kind: [path for path in paths if path.is_file()] for kind, paths in kinds.items()}
