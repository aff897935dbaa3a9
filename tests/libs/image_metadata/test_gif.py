"""The extensions of a GIF that are kept."""

import pytest
from image_metadata import clean

from tools.fuzz import samples
from tools.fuzz.oracles import render

SCREEN, LOOP, CONTROL, *REST = samples.split_gif(samples.animated("GIF", "P"))


def application(name: bytes, content: bytes) -> bytes:
    parts = [content[at : at + 255] for at in range(0, len(content), 255)]
    return b"\x21\xff\x0b" + name + b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def with_extensions(*extensions: bytes) -> bytes:
    return b"".join([SCREEN, *extensions, CONTROL, *REST])


PROFILE = application(b"ICCRGBG1012", samples.PROFILE)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param([LOOP], [LOOP], id="loop"),
        pytest.param([LOOP, LOOP], [LOOP], id="loop-twice"),
        pytest.param(
            [application(b"ANIMEXTS1.0", b"\1\0\0")], [application(b"ANIMEXTS1.0", b"\1\0\0")], id="animexts"
        ),
        pytest.param([LOOP[:-1] + b"\5\2" + samples.SECRET[:4] + b"\0"], [LOOP], id="loop-and-buffer"),
        pytest.param([application(b"NETSCAPE2.0", b"\2" + samples.SECRET[:2])], [], id="no-loop"),
        pytest.param([application(b"NETSCAPE2.0", b"\1\3\0" + samples.SECRET)], [LOOP], id="long-loop"),
        pytest.param([application(b"NETSCAPE2.0", b"\1\3")], [], id="short-loop"),
        pytest.param([PROFILE], [PROFILE], id="profile"),
        pytest.param(
            [application(b"ICCRGBG1012", samples.PROFILE + samples.SECRET)], [PROFILE], id="profile-and-more"
        ),
        pytest.param([application(b"ICCRGBG1012", samples.SECRET * 40)], [], id="no-profile"),
        pytest.param([application(b"MGK8BIM0000", samples.PROFILE)], [], id="another-application"),
        pytest.param([application(b"XMP DataXMP", samples.XMP)], [], id="xmp"),
    ],
)
def test_applications(given: list[bytes], kept: list[bytes]) -> None:
    data = with_extensions(*given)
    assert clean(data).data == with_extensions(*kept)
    assert render(clean(data).data) == render(data)


def test_timing_is_kept_when_a_text_is_dropped() -> None:
    data = b"".join([SCREEN, LOOP, CONTROL, samples.PLAIN_TEXT, *REST[:-1], CONTROL, REST[-1]])
    assert clean(data).data == with_extensions(LOOP)
    assert render(clean(data).data) == render(data)


def test_an_application_has_a_name_of_eleven_bytes() -> None:
    assert clean(with_extensions(b"\x21\xff\x0c" + LOOP[3:14] + b"!" + LOOP[14:])).data == with_extensions()
