"""Sources that several formats share, and their decoders, which yield frames as a viewer displays them."""

from collections.abc import Iterator

from PIL import Image
from PIL.ImageFile import ImageFile

from image_core import memory
from image_core.animation import Animation, Disposal
from image_core.codec import Request
from image_core.colour import fix_transparency_depth, to_averageable
from image_core.errors import NotAnImage
from image_core.icc import Profile
from image_core.limits import TimeLimit, check_pixels
from image_core.orient import transpose_for_orientation
from image_core.source import DecodedFrame, Size, Source, decoder_errors

_GREY = frozenset({"1", "L", "LA", "I;16"})
# libwebp reports the end of each frame in 32 bits, which wrap around. Pillow returns the difference of two
# ends, which may therefore be negative.
_WEBP_TIMES = 2**32
_TRANSPARENT = (0, 0, 0, 0)


class ImageDecoder:
    """Decodes a still image, or the frames of a WebP, which libwebp composes.

    Args:
        file: opened by Pillow, not loaded.
        time_limit: time until the deadline.
        frame_count: number of frames to decode.
        frame_seconds: worst case of decoding one frame on one vCPU.
    """

    def __init__(
        self, file: ImageFile, time_limit: TimeLimit, frame_count: int = 1, frame_seconds: float = 0.0
    ) -> None:
        self._file = file
        self._time_limit = time_limit
        self._frame_count = frame_count
        self._frame_seconds = frame_seconds

    def frames(self) -> Iterator[DecodedFrame]:
        """Yield the frames; see `Decoder`."""
        for number in range(self._frame_count):
            self._time_limit.check(self._frame_seconds)
            with decoder_errors():
                self._file.seek(number)
                self._file.load()
                image = to_averageable(self._file if self._frame_count == 1 else self._file.copy())
                # A PNG may have its EXIF after the pixels, so that it is known only now.
                transpose = transpose_for_orientation(self._file)
                duration_ms = self._file.info.get("duration", 0) % _WEBP_TIMES
            yield DecodedFrame(image=image, transpose=transpose, duration_ms=duration_ms)


class AnimationDecoder:
    """Decodes and composes the frames of a GIF or a PNG.

    Args:
        animation: the parsed file. A still GIF has one frame, which need not fill the canvas.
        time_limit: time until the deadline.
    """

    def __init__(self, animation: Animation, time_limit: TimeLimit) -> None:
        self._animation = animation
        self._time_limit = time_limit

    def frames(self) -> Iterator[DecodedFrame]:
        """Yield the canvas after each frame, RGBA or LA; see `Decoder`."""
        canvases = self._compose()
        for frame in self._animation.frames:
            with decoder_errors():
                image, file = next(canvases)
                # All frames of a PNG have one colour type. A grey ICC profile fits grey images alone.
                if file.format == "PNG" and file.mode in _GREY:
                    image = image.convert("LA")
                transpose = transpose_for_orientation(file)
            yield DecodedFrame(image=image, transpose=transpose, duration_ms=frame.duration_ms)

    def _compose(self) -> Iterator[tuple[Image.Image, Image.Image]]:
        """Yield the canvas after each frame in RGBA, with the frame as Pillow opened it."""
        animation = self._animation
        canvas = Image.new("RGBA", (animation.width, animation.height))
        for number, frame in enumerate(animation.frames, 1):
            before = canvas.copy() if frame.disposal is Disposal.RESTORE else None
            file = Image.open(self._time_limit.open_file(b"".join(frame.chunks)), formats=["GIF", "PNG"])
            fix_transparency_depth(file)
            file.load()
            pixels = to_averageable(file).convert("RGBA")
            box = (frame.left, frame.top, frame.left + frame.width, frame.top + frame.height)
            if frame.blend_over and number > 1:
                canvas.alpha_composite(pixels, box[:2])
            else:
                canvas.paste(pixels, box)
            if number == len(animation.frames):
                yield canvas, file
                return
            yield canvas.copy(), file
            if frame.disposal is Disposal.CLEAR:
                canvas.paste(_TRANSPARENT, box)
            elif before is not None:
                canvas = before


def open_with_pillow(data: bytes, request: Request) -> ImageFile:
    """Return a file that Pillow has opened, not loaded."""
    image = Image.open(request.time_limit.open_file(data), formats=[request.format])
    fix_transparency_depth(image)
    return image


def still_source(data: bytes, profile: Profile | None, request: Request) -> Source:
    """Return the source of a still image that Pillow decodes."""
    image = open_with_pillow(data, request)
    check_pixels([image.size], request.options.limits)
    return Source(
        format=request.format,
        size=image.size,
        decoder=ImageDecoder(image, request.time_limit),
        decoding_bytes=memory.estimate_decoding(
            image.size, image.mode, has_transparency="transparency" in image.info
        ),
        profile=profile,
        time_limit=request.time_limit,
        has_alpha=image.has_transparency_data,
        has_palette=image.mode in {"1", "P"},
        transpose=transpose_for_orientation(image),
    )


def animated_source(animation: Animation, profile: Profile | None, request: Request) -> Source:
    """Return the source of a GIF or a PNG that was parsed into frames."""
    canvas = (animation.width, animation.height)
    if not animation.frames or 0 in canvas:
        raise NotAnImage
    # A frame that is larger than the canvas is decoded in full before it is cropped.
    sizes = [max(canvas, (frame.width, frame.height), key=_area) for frame in animation.frames]
    check_pixels(sizes, request.options.limits)
    return Source(
        format=request.format,
        size=canvas,
        decoder=AnimationDecoder(animation, request.time_limit),
        decoding_bytes=max(memory.estimate_composing(size, len(sizes)) for size in sizes),
        profile=profile,
        time_limit=request.time_limit,
        frame_count=len(animation.frames),
        loop_count=animation.loop_count,
        is_within_canvas=animation.is_within_canvas,
    )


def _area(size: Size) -> int:
    return size[0] * size[1]
