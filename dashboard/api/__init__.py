"""k6's REST API v1, the client's side: addresses, requests, answers, refusals.

Only ``far`` loads httpx, for a k6 on another machine or behind TLS.
"""
