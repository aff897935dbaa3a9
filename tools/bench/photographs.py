"""What image_core is measured on, apart from what it was tuned on."""

from pathlib import Path

# Margins and filters were chosen by these, encoder settings by some of them and by the photographs of
# Debian's package mate-backgrounds.
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

# Baseline JPEG, as cameras write it, of 2.1 to 12.2 megapixels.
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

# Progressive JPEG, as it is prepared for pages. All but the documented original write it progressive again.
PROGRESSIVE = (
    "material-dashboard/assets/img/ivancik.jpg",
    "material-dashboard/assets/img/products/product-details-1.jpg",
    "soft-ui-design-system/assets/img/card-2.jpg",
)

TWELVE_MEGAPIXELS = "sunset.jpg"


def photographs(packages: Path, samples: Path) -> dict[str, list[Path]]:
    """The photographs to measure on, by their kind.

    Args:
        packages: the folder that holds the npm packages.
        samples: the folder of the project's own photographs.

    Returns:
        "baseline" and "progressive": the files that are there; without npm only the project's own.
    """
    baseline = [samples / name for name in SAMPLES_MEASURED_ON] + [packages / name for name in MEASURED_ON]
    kinds = {"baseline": baseline, "progressive": [packages / name for name in PROGRESSIVE]}
    return {kind: [path for path in paths if path.is_file()] for kind, paths in kinds.items()}
