"""Prepare the heap of the C library, from which decoders and encoders take the memory for pixels.

A process receives memory in pages of 4 KB: the kernel clears each of them when the first byte is used. In a
new process, and a transform of the functions runs in one, that takes up to half of the processor time. Huge
pages of 2 MB take a tenth of it. Later transforms of the same process would wait again, because glibc returns
each large block to the kernel, unless a larger one was freed before.

Milliseconds of processor time on Firecracker, on which Lambda runs, of a JPEG of 1280x720 and of 360x360:

                                    new process               same process
    2 megapixels, baseline      31.2 -> 22.8  14.0 -> 14.3   24.6 -> 18.4  10.1 -> 10.2
    3 megapixels, progressive   46.7 -> 34.0  25.8 -> 19.8   34.9 -> 28.6  20.5 -> 14.2

This module is imported with the first transform of a process, because others must not pay 2 ms for ctypes in
a cold start.
"""

import ctypes

# glibc, malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
# Linux, asm-generic/mman-common.h.
_MADV_HUGEPAGE = 14
_HUGE_PAGE_BYTES = 2**21

# Larger blocks are mapped one by one. glibc itself raises this threshold, which begins at 128 KB, to the
# length of any block that is freed, up to 32 MB, and the other one to twice as much.
_MAX_HEAP_BLOCK_BYTES = 2**25
_MAX_UNUSED_BYTES = 2 * _MAX_HEAP_BLOCK_BYTES
# Images that need more get the rest in small pages: otherwise the last huge page would be another 2 MB at the
# peak of 12 megapixels to 1280x720.
_HUGE_BYTES = 2**24


def prepare_heap() -> None:
    """Keep freed memory in the process, and ask the kernel for huge pages.

    Without glibc nothing is changed, and without huge pages in the kernel only the first.
    """
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        return
    library.mallopt(_M_MMAP_THRESHOLD, _MAX_HEAP_BLOCK_BYTES)
    library.mallopt(_M_TRIM_THRESHOLD, _MAX_UNUSED_BYTES)
    library.malloc.argtypes, library.malloc.restype = (ctypes.c_size_t,), ctypes.c_void_p
    library.free.argtypes = (ctypes.c_void_p,)
    library.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    # The heap grows by a block that nothing touches, and remains that large.
    block = library.malloc(_HUGE_BYTES + _HUGE_PAGE_BYTES)
    library.free(block)
    if block:
        start = -(-block // _HUGE_PAGE_BYTES) * _HUGE_PAGE_BYTES
        library.madvise(start, _HUGE_BYTES, _MADV_HUGEPAGE)
