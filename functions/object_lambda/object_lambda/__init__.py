"""Lambda function for S3 Object Lambda and function URLs: clean and transform images while they are read."""

import gc

# Collections during the imports would find no garbage and take 5 ms of a cold start. `handler` enables them.
gc.disable()
