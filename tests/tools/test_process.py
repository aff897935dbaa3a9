import sys

import pytest

from tools.process import CommandError, clean_environment, run


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("PATH", True),
        ("SSL_CERT_FILE", True),
        ("HTTPS_PROXY", True),
        ("PIP_CERT", True),
        ("PIP_INDEX_URL", True),
        ("PIP_EXTRA_INDEX_URL", True),
        ("UV_DEFAULT_INDEX", True),
        ("UV_INDEX_CORPORATE_PASSWORD", True),
        ("PIP_PRE", False),
        ("PIP_TARGET", False),
        ("PIP_NO_BINARY", False),
        ("PIP_REQUIRE_VIRTUALENV", False),
        ("UV_RESOLUTION", False),
        ("UV_EXCLUDE_NEWER", False),
        ("PYTHONPATH", False),
        ("PYTHONNODEBUGRANGES", False),
    ],
)
def test_variables_that_steer_the_result_are_dropped(name: str, *, kept: bool) -> None:
    assert clean_environment({name: "1"}) == ({name: "1"} if kept else {})


def test_the_output_is_returned() -> None:
    assert run([sys.executable, "-c", "print('caf\\u00e9')"]) == "caf\u00e9\n"


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        ("first\nlast", "last"),
        ("WARNING: old\nERROR: no such file\n  in that folder\n", "ERROR: no such file in that folder"),
        ("", "no message"),
    ],
)
def test_a_failure_is_explained_by_the_program(stderr: str, words: str) -> None:
    with pytest.raises(CommandError) as raised:
        run([sys.executable, "-c", f"import sys; sys.stderr.write({stderr!r}); sys.exit(3)"])
    assert (raised.value.returncode, raised.value.words) == (3, words)


@pytest.mark.parametrize(
    "command", [["no-such-program"], [sys.executable, "-c", "import time; time.sleep(60)"]]
)
def test_a_program_that_does_not_start_or_end_has_no_exit_code(command: list[str]) -> None:
    with pytest.raises(CommandError) as raised:
        run(command, timeout_seconds=0.5)
    assert raised.value.returncode is None
