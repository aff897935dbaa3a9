"""Prepare the heap of the C library, from which decoders and encoders take the memory for pixels.

A process receives memory in pages of 4 KB, and the kernel clears each page when its first byte is used. In a
new process, such as that of each transform in Lambda, this takes up to a third of the processor time. Huge
pages of 2 MB take a tenth of that. Later transforms in one process would wait again, because glibc returns
each large block to the kernel, unless a larger block was freed before.

Milliseconds of processor time to make a JPEG without and with the prepared heap, on Firecracker, on which
Lambda runs. For new processes they are means over the photographs of the benchmark, and include the fork. For
later transforms in one process they are means over three photographs of each kind.

                         new process                      same process
    box                  1280x720        360x360          1280x720        360x360
    baseline             40.4 -> 32.2    22.5 -> 22.7     24.8 -> 17.6     9.9 ->  9.9
    progressive          54.1 -> 40.2    32.3 -> 25.3     34.5 -> 28.5    19.9 -> 15.2

This module is imported for the first transform of a process, so that cold starts without a transform do not
pay 2 ms for ctypes.
"""

import ctypes

# glibc, malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
# Linux, asm-generic/mman-common.h.
_MADV_HUGEPAGE = 14
_HUGE_PAGE_BYTES = 2**21

# Blocks above the first threshold are mapped one by one, and unused memory above the second one is returned
# to the kernel. glibc raises the first threshold from 128 KB to the length of any block that is freed, up to
# 32 MB, and the second one to twice as much. Here both have these maximums from the start.
_MAX_HEAP_BLOCK_BYTES = 2**25
_MAX_UNUSED_BYTES = 2 * _MAX_HEAP_BLOCK_BYTES
# As much as one block of the heap can have from its first huge page on. Images that need more memory get the
# rest in small pages.
_HUGE_BYTES = _MAX_HEAP_BLOCK_BYTES - 2 * _HUGE_PAGE_BYTES


def prepare_heap() -> None:
    """Keep freed memory in the process, and ask the kernel for huge pages.

    Without glibc, nothing is changed. Without huge pages in the kernel, freed memory is still kept.
    """
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        return
    library.mallopt(_M_MMAP_THRESHOLD, _MAX_HEAP_BLOCK_BYTES)
    library.mallopt(_M_TRIM_THRESHOLD, _MAX_UNUSED_BYTES)
    library.malloc.argtypes, library.malloc.restype = (ctypes.c_size_t,), ctypes.c_void_p
    library.free.argtypes = (ctypes.c_void_p,)
    library.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    # The heap grows by a block that is never written to, and keeps this size after the block is freed.
    block = library.malloc(_HUGE_BYTES + _HUGE_PAGE_BYTES)
    library.free(block)
    if block:
        start = -(-block // _HUGE_PAGE_BYTES) * _HUGE_PAGE_BYTES
        library.madvise(start, _HUGE_BYTES, _MADV_HUGEPAGE)
        # Occupy the addresses before the first huge page, so that the next block begins with that page.
        library.malloc(start - block)
