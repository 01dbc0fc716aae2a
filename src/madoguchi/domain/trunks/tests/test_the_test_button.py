"""The test of a trunk says what is wrong, against a provider of our own that is wrong in each way."""

import hashlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from madoguchi.domain.trunks import probe as asking
from madoguchi.domain.trunks.probe import Finding, Target, digest_answer, probe

pytestmark = pytest.mark.pure

Answers = Callable[[str], str | None]


@contextmanager
def provider(answers: Answers) -> Iterator[int]:
    """A SIP server on a port of its own; `answers` gives status line and more headers for a request."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    data, sender = line.recvfrom(65535)
                except TimeoutError:
                    continue
                answer = answers(data.decode())
                if answer is not None:
                    line.sendto(answer.encode(), sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield line.getsockname()[1]
        finally:
            over.set()
            thread.join()


def says(status: str, *headers: str, body: str = "") -> str:
    return "\r\n".join((f"SIP/2.0 {status}", *headers, "", body))


CHALLENGE = 'WWW-Authenticate: Digest realm="tel", nonce="abc", qop="auth", algorithm=MD5'


def registrar(secret: str, refusal: str = "401 Unauthorized") -> Answers:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    def answers(request: str) -> str:
        if request.startswith("OPTIONS"):
            return says("200 OK")
        found = re.search(r"^Authorization: (.*)$", request, re.MULTILINE)
        if found is None:
            return says("401 Unauthorized", CHALLENGE)
        said = dict(re.findall(r'(\w+)="?([^",]+)"?', found.group(1)))
        key = f"{md5(f'0312345678:tel:{secret}')}:abc:00000001:{said['cnonce']}:auth:"
        right = md5(key + md5("REGISTER:" + said["uri"]))
        assert "\r\nContact:" not in request, "the probe must not bind itself in place of the line"
        return says("200 OK") if said["response"] == right else says(refusal, CHALLENGE)

    return answers


def asked(port: int, **more: object) -> asking.Report:
    target = {"host": "127.0.0.1", "port": port, "login": "0312345678", "secret": "right", "registers": True}
    return probe(Target(**(target | more)))  # type: ignore[arg-type]


def test_a_line_by_registration_that_works_is_told_so() -> None:
    with provider(registrar("right")) as port:
        assert asked(port).finding is Finding.WORKS


@pytest.mark.parametrize(
    ("refusal", "finding"),
    [
        ("401 Unauthorized", Finding.WRONG_PASSWORD),
        ("403 Forbidden", Finding.FORBIDDEN),
        ("404 Not Found", Finding.UNKNOWN_LOGIN),
        ("423 Interval Too Brief", Finding.REGISTRATION_REJECTED),
        ("503 Service Unavailable", Finding.BUSY_SERVER),
    ],
)
def test_each_refusal_of_a_registration_has_its_words(refusal: str, finding: Finding) -> None:
    with provider(registrar("other", refusal)) as port:
        report = asked(port)
    assert report.finding is finding
    assert report.answer == refusal


def test_a_line_by_address_needs_only_an_answer_of_any_kind() -> None:
    with provider(lambda request: says("405 Method Not Allowed")) as port:
        assert asked(port, registers=False).works
    with provider(lambda request: says("403 Forbidden")) as port:
        assert asked(port, registers=False).finding is Finding.FORBIDDEN


def test_a_provider_without_our_codecs_is_found_out() -> None:
    body = "v=0\r\nm=audio 0 RTP/AVP 18 96\r\na=rtpmap:96 opus/48000/2\r\n"
    with provider(lambda request: says("200 OK", body=body)) as port:
        report = asked(port)
    assert report.finding is Finding.WRONG_CODEC
    assert report.codecs == ("G729", "OPUS")


def test_silence_is_believed_after_the_request_was_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "TRY_AGAIN_S", (0.05, 0.05, 0.05))
    heard: list[str] = []
    with provider(lambda request: heard.append(request)) as port:
        assert asked(port).finding is Finding.NO_ANSWER
    assert len(heard) == 3


def test_a_closed_port_and_a_missing_host_are_told_apart() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        closed = line.getsockname()[1]
    assert asked(closed).finding is Finding.NO_LISTENER
    assert asked(5060, host="no-such-host.invalid").finding is Finding.NO_SUCH_HOST


def test_a_port_that_speaks_something_else_is_no_sip() -> None:
    with provider(lambda request: "220 mail.example ESMTP\r\n") as port:
        assert asked(port).finding is Finding.NOT_SIP


def test_the_digest_is_that_of_the_standards_example() -> None:
    # RFC 2617, 3.5 without qop: the response depends on nothing random.
    target = Target(host="x", login="Mufasa", secret="Circle Of Life")
    challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc"'
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in digest_answer(
        challenge, target, "GET", "/dir/index.html"
    )
