"""`invoke bench`: transforms and first requests, compared with other software in one run."""
