"""Print a page that real Django renders with the template tags in loaders/django."""

import os
import sys
from pathlib import Path

from django.conf import settings
from django.template import Context, Engine

FOLDER = Path(__file__).parent


def render() -> str:
    """Return the page, with the URL of the edge in the environment variable IMAGES_URL."""
    sys.path.append(str(FOLDER.parents[1] / "loaders/django"))
    settings.configure(EDGE_IMAGES_URL=os.environ["IMAGES_URL"])
    engine = Engine(libraries={"edge_images": "edge_images"})
    template = engine.from_string((FOLDER / "pages/django.html").read_text("utf-8"))
    return str(template.render(Context({"key": "cats & dogs/Kätzchen 1+1%.png"})))


if __name__ == "__main__":
    print(render())
