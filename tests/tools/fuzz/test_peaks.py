"""Peaks of memory are measured and compared with the estimate."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.fuzz.peaks import Measured
from tools.paths import PROJECT


@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="the peak of memory is read from /proc"
)
def test_random_images_stay_within_the_estimate() -> None:
    command = [sys.executable, "-m", "tools.fuzz.peaks", "4", "1"]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)  # noqa: S603 - our own code
    assert run.returncode == 0, run.stdout + run.stderr
    assert "4 images: 4 within the estimate." in run.stdout
    peaks_mb = [float(peak) for peak in re.findall(r"([0-9.]+) of +[0-9.]+ MB", run.stdout)]
    assert len(peaks_mb) == 4
    assert min(peaks_mb) > 0


@pytest.mark.parametrize(
    ("measured", "is_over"),
    [
        (Measured(5, 5, ""), False),
        (Measured(6, 5, ""), True),
        (Measured(0, 0, "NotAnImage"), False),
    ],
)
def test_a_peak_over_the_estimate(measured: Measured, *, is_over: bool) -> None:
    assert measured.is_over is is_over
