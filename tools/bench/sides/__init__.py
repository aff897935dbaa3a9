"""What is measured, each side in a process of its own with the Python of the peers.

The modules import nothing else of tools, which is not there in that environment.
"""
