"""Prints what the gateway relies on in the PocketPaw of this Python, one fact a line, sorted.

test/pocketpaw/surface.txt is the output for the version in test/deployed/requirements.txt.
"""

import hashlib
import hmac
import inspect
import os
import re
import tempfile

os.environ["HOME"] = tempfile.mkdtemp()

from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from pocketpaw.config import get_access_token
from pocketpaw.dashboard import app
from pocketpaw.security.session_tokens import create_session_token


def routes():
    for route in iter_route_contexts(app.routes):
        endpoint = getattr(route, "endpoint", None)
        source = inspect.getsource(endpoint) if inspect.isroutine(endpoint) else ""
        # A route's class stands for the method of a WebSocket and of a mounted folder.
        for method in getattr(route, "methods", None) or [type(route.original_route).__name__]:
            stream = " streams" if "StreamingResponse" in source else ""
            file = " sends a file" if "FileResponse" in source else ""
            yield f"{method} {route.path}{stream}{file}"


def token():
    exp, mac = create_session_token("master").split(":")
    mine = hmac.new(b"master", exp.encode(), hashlib.sha256).hexdigest()
    return "token <exp>:<hex hmac-sha256(master token, exp)>" if mac == mine else "token of another format"


def cookie():
    response = TestClient(app).post("/api/auth/login", json={"token": get_access_token()})
    return "login sets " + re.sub(r"=\d+:[0-9a-f]{64}", "=<token>", response.headers["set-cookie"])


print("\n".join([*sorted(set(routes())), token(), cookie()]))
