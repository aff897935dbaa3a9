"""The rendered code of the tests is the code that Terraform renders."""

import json
import os
from pathlib import Path

from tests.functions.viewer_request.engine import DEFAULT_CONFIGURATION, SOURCE, render
from tests.vectors import FORMATS
from tools.terraform.command import FLAG, run_terraform

_CONFIGURATION = """
output "code" {{
  value = {{ for derivative_paths in [true, false] : derivative_paths => {{
    for signatures in [true, false] : signatures => replace(
    templatefile("{source}", {{
      derivative_paths = derivative_paths
      signatures       = signatures

      config = jsonencode(merge(derivative_paths ? {{ output_version = 3 }} : {{}}, {{
        derivatives_prefix = "resized"
        formats            = {formats}
        qualities          = toset([90, 40, 80, 60])
        quality            = 80
        show_exif          = false
        signed_urls        = signatures ? "all" : "none"
        sizes              = {{ "a<b>&c" = {{ format = "auto" }}, S = {{}} }}
        widths             = toset([640, 64, 1280])
        without_quality    = {without_quality}
      }}))
    }}),
    "/(?m)^\\\\s*(//.*\\\\n)?/", ""
  ) }} }}
}}
"""


def test_the_tests_render_like_terraform(tmp_path: Path) -> None:
    lists = {name: json.dumps(words) for name, words in FORMATS.items()}
    (tmp_path / "main.tf").write_text(_CONFIGURATION.format(source=SOURCE, **lists))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    for command, options in ((["apply"], {"auto_approve": FLAG}), (["output", "code"], {"json": FLAG})):
        result = run_terraform(tmp_path, command, options, environment=environment, capture=True)
        assert result.exit_code == 0, result.output
    configuration = {
        **DEFAULT_CONFIGURATION,
        "sizes": {"S": {}, "a<b>&c": {"format": "auto"}},
        "widths": [64, 640, 1280],
    }
    rendered = json.loads(result.stdout)
    for paths, version in (("true", {"output_version": 3}), ("false", {})):
        for signatures, signed_urls in (("true", "all"), ("false", "none")):
            settings = {**configuration, **version, "signed_urls": signed_urls}
            assert rendered[paths][signatures] == render(dict(sorted(settings.items())))
