"""Lambda@Edge, origin request: create and store derivatives, and point CloudFront to them."""

import gc

# Collections during the imports would find no garbage and take 4 ms of a cold start. `handler` enables them.
gc.disable()
