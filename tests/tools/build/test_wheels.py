import hashlib
import zipfile
from pathlib import Path

from tools.build.manifest import Wheel
from tools.build.wheels import describe, installed_files


def test_a_wheel_is_laid_out_as_by_an_installer(tmp_path: Path) -> None:
    wheel = tmp_path / "pack-1.0-cp313-cp313-manylinux_2_28_x86_64.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path in (
            "pack/",
            "pack/__init__.py",
            "pack.libs/libz-12.so",
            "pack-1.0.dist-info/METADATA",
            "pack-1.0.data/purelib/pack/pure.py",
            "pack-1.0.data/platlib/pack/plat.so",
            "pack-1.0.data/scripts/pack",
            "pack-1.0.data/headers/pack.h",
            "pack-1.0.data/data/share/pack.txt",
        ):
            archive.writestr(path, path.encode())
    assert dict(installed_files(wheel)) == {
        "pack/__init__.py": b"pack/__init__.py",
        "pack.libs/libz-12.so": b"pack.libs/libz-12.so",
        "pack-1.0.dist-info/METADATA": b"pack-1.0.dist-info/METADATA",
        "pack/pure.py": b"pack-1.0.data/purelib/pack/pure.py",
        "pack/plat.so": b"pack-1.0.data/platlib/pack/plat.so",
    }


def test_a_wheel_is_described_by_its_name_and_content(tmp_path: Path) -> None:
    wheel = tmp_path / "some_pack-1.0.post2-7-py3-none-any.whl"
    wheel.write_bytes(b"content")
    assert describe(wheel) == Wheel(
        filename=wheel.name,
        name="some_pack",
        sha256=hashlib.sha256(b"content").hexdigest(),
        version="1.0.post2",
    )
