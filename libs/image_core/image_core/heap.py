"""Prepare the heap of the C library, from which decoders and encoders take the memory for pixels.

A process receives memory in pages of 4 KB, and the kernel clears each of them when its first byte is used. In
a new process, in which the functions run a transform, that takes up to a third of the processor time. Huge
pages of 2 MB take a tenth of it. Later transforms of one process would wait again, because glibc returns each
large block to the kernel, unless a larger one was freed before.

Milliseconds of processor time to make a JPEG, on Firecracker, on which Lambda runs: means over the
benchmark's photographs, in a new process with the fork, and in the same one over three of each kind.

                         new process                      same process
    box                  1280x720        360x360          1280x720        360x360
    baseline             40.4 -> 32.2    22.5 -> 22.7     24.8 -> 17.6     9.9 ->  9.9
    progressive          54.1 -> 40.2    32.3 -> 25.3     34.5 -> 28.5    19.9 -> 15.2

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
# As much as one block of the heap can hold, behind the way to the first huge page. Images that need more get
# the rest in small pages.
_HUGE_BYTES = _MAX_HEAP_BLOCK_BYTES - 2 * _HUGE_PAGE_BYTES


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
        # Unused address space, so that the next block begins with a huge page.
        library.malloc(start - block)
