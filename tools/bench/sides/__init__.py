"""The programs that the benchmark compares. Each runs as a process in the environment of the peers.

The modules import nothing else of tools: that environment does not have the dependencies of tools.
"""
