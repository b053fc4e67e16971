"""The REST API, ``/api/v1/``: the same rows as the socket's, asked for one at a time."""
