"""Asking our own processes whether they answer: over a port, over a socket, over ARI."""

import http.client
import socket
import ssl
import urllib.error
import urllib.request
from pathlib import Path

WAIT_S = 5.0


def ari_ping(url: str, user: str, password: str) -> bool:
    """True when Asterisk answers over ARI with our password."""
    request = urllib.request.Request(f"{url}/asterisk/ping")  # noqa: S310 - our own loopback address
    manager = urllib.request.HTTPPasswordMgrWithPriorAuth()
    manager.add_password(None, url, user, password, is_authenticated=True)
    opener = urllib.request.build_opener(
        urllib.request.HTTPBasicAuthHandler(manager), urllib.request.ProxyHandler({})
    )
    try:
        with opener.open(request, timeout=WAIT_S) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def fetches(url: str) -> bool:
    """True when the page comes without a server's error; a certificate for another name is no matter here."""
    lenient = ssl.create_default_context()
    lenient.check_hostname = False
    lenient.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=lenient), urllib.request.ProxyHandler({})
    )
    try:
        with opener.open(url, timeout=WAIT_S) as answer:
            return bool(answer.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def fetches_by_socket(path: Path, page: str) -> bool:
    """True when the server behind a Unix socket gives the page without a server's error."""
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(WAIT_S)
            link.connect(str(path))
            connection = http.client.HTTPConnection("localhost")
            connection.sock = link
            connection.request("GET", page)
            return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
