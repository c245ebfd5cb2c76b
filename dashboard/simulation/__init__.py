"""A k6 run without k6: the load test, k6's REST API over it, and the server that listens.

This package owns everything that imitates k6. It shares no code and no types with ``dashboard.api``: the two
meet only at real k6's own answers, or k6dash would believe its own fake.

``profile`` says which k6 is imitated, ``scenario`` what is run, ``engine`` runs it against a clock, ``rest``
answers over ASGI, ``faults`` spoils the answers, ``serve`` listens on a socket. Only ``rest`` and ``serve``
(and what they are made of) import starlette or uvicorn, so checking an option costs nothing.

One difference from k6 is intended: ``GET /v1/groups`` cannot crash it.
"""
