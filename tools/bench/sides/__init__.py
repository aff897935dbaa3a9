"""The measured sides, each a process of its own in the environment of the peers.

The modules import nothing else of tools: that environment does not have the dependencies of tools.
"""
