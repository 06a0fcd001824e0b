"""The edge to AWS, and the only place that imports boto3."""
