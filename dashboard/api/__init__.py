"""k6's REST API v1, the client's side: addresses, requests, answers, refusals.

Only ``client`` loads httpx.
"""
