"""What image_core is measured on, apart from what it was tuned on."""

from pathlib import Path

_CLEAN_BLOG = "startbootstrap-clean-blog/dist/assets/img"
_NOW_UI_KIT = "now-ui-kit/assets/img"
_PAPER_KIT = "paper-kit-2/assets/img"

# Margins, filters and encoder settings were chosen by these, and by the photographs of Debian's package
# mate-backgrounds.
TUNED_ON = tuple(
    f"{_PAPER_KIT}/{name}.jpg"
    for name in (
        "bruno-abatti",
        "daniel-olahh",
        "daniel-olahs",
        "fabio-mangione",
        "federico-beccari",
        "login-image",
        "uriel-soberanes",
    )
)

# Baseline JPEG, as cameras write it, of 2.4 to 12.2 megapixels.
MEASURED_ON = (
    f"{_CLEAN_BLOG}/about-bg.jpg",
    f"{_CLEAN_BLOG}/contact-bg.jpg",
    f"{_CLEAN_BLOG}/home-bg.jpg",
    f"{_CLEAN_BLOG}/post-bg.jpg",
    f"{_NOW_UI_KIT}/bg11.jpg",
    f"{_NOW_UI_KIT}/header.jpg",
    f"{_PAPER_KIT}/antoine-barres.jpg",
)
SAMPLES_MEASURED_ON = ("sunset.jpg", "wine-tall.jpg")

# Progressive JPEG, as it is prepared for pages. All but the documented original write it progressive again.
PROGRESSIVE = (f"{_NOW_UI_KIT}/bg4.jpg", f"{_NOW_UI_KIT}/bg6.jpg", f"{_NOW_UI_KIT}/login.jpg")

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
