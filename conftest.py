"""For every test: its declared kind, a throw-away installation, PostgreSQL when it wants a database."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import django
import pytest

from madoguchi.program import translations

KINDS = ("pure", "action", "contract", "story", "live")

# Before Django reads its settings: no test may see the installation of the machine it runs on.
_HOME = Path(tempfile.mkdtemp(prefix="mgt-"))
_HOME.chmod(0o711)  # the server's user walks through it when the tests run as root
for _name in [name for name in os.environ if name.startswith("MADOGUCHI_")]:
    if _name not in {"MADOGUCHI_ASTERISK_CACHE", "MADOGUCHI_TEST_DATABASE_URL"}:
        del os.environ[_name]
os.environ |= {"MADOGUCHI_HOME": str(_HOME), "DJANGO_SETTINGS_MODULE": "madoguchi.config.settings"}
# Nor its database: only one that was named for the tests, on which they make a database of their own.
os.environ.pop("DATABASE_URL", None)
if os.environ.get("MADOGUCHI_TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["MADOGUCHI_TEST_DATABASE_URL"]


# Here and not in pytest_configure: conftest files of rooms are read before that, and they import models.
# The translations come first, since Django keeps what it found, or did not find, for good.
translations.compile_catalogue()
django.setup()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the README's pictures be taken by the tests that look at the same screens."""
    parser.addoption("--pictures", action="store_true", help="take the pictures of the documents anew")


def pytest_configure(config: pytest.Config) -> None:
    """Let each of several processes side by side (`-n 2`) make its own installation, as one alone does.

    They would inherit ours, since pytest-django reads the settings named here before their conftest is read.
    """
    if config.getoption("numprocesses"):
        os.environ.pop("DJANGO_SETTINGS_MODULE")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test module that does not say which of the five kinds it is; run the quick kinds first."""
    undeclared = sorted({item.location[0] for item in items if not _kinds(item)})
    if undeclared:
        raise pytest.UsageError(
            "These test modules declare none of the five kinds (pytestmark = pytest.mark.pure …): "
            + ", ".join(undeclared)
        )
    items.sort(key=lambda item: min(KINDS.index(kind) for kind in _kinds(item)))


def _kinds(item: pytest.Item) -> list[str]:
    return [kind for kind in KINDS if item.get_closest_marker(kind)]


def pytest_unconfigure() -> None:
    """Leave nothing of the throw-away installation behind."""
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def free_ports() -> Iterator[Callable[[int], int]]:
    """Gives the first of so many neighbouring ports on which nobody listens, nor will another test run.

    The same numbers are given again only when the whole block has been gone through.
    """
    held, block = _block_of_ports()
    place = 0

    def take(count: int) -> int:
        nonlocal place
        for _ in range(2 * len(block) // count):
            place = place if place + count <= len(block) else 0
            found, place = block[place : place + count], place + count
            if all(_is_free(port) for port in found):
                return found[0]
        raise AssertionError(f"Of the ports {block[0]} to {block[-1]} no {count} in a row are free.")

    with held:
        yield take


def _block_of_ports() -> tuple[socket.socket, range]:
    """Port numbers of this run alone, and the name that holds them until our process ends.

    They lie below the numbers that the kernel gives to outgoing connections, which are taken at any moment.
    """
    for first in range(29_000, 10_000, -3_000):
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0madoguchi-tests-{first}")
        except OSError:
            name.close()
            continue
        return name, range(first, first + 3_000)
    raise AssertionError("Seven test runs hold every port that there is for tests: end one of them.")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            # As servers do it: connections that are just closing do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind is socket.SOCK_STREAM)
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                return False
    return True


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[None]:
    """The tests' own PostgreSQL: on a socket, without durability, gone at the end whatever happens."""
    from django.conf import settings

    from madoguchi.program import account, postgres

    if settings.INSTALLATION.database_url is not None:
        yield
        return
    runs_as = account.of_servers()
    installation = settings.INSTALLATION
    installation.run.mkdir(mode=0o711, exist_ok=True)
    data = installation.postgres_data / "data"
    data.parent.mkdir(mode=0o711, exist_ok=True)
    cluster = postgres.Cluster(
        programs=postgres.find_programs(runs_as, _HOME / "programs"),
        data=data,
        socket=installation.postgres_socket,
        password=installation.secrets.database_password,
        account=runs_as,
        durability=tuple(postgres.FLEETING.items()),
    )
    cluster.prepare()
    log = _HOME / "postgres.log"
    with log.open("wb") as stream:
        server = cluster.start(stream)
    try:
        if not cluster.wait_until_ready(20, server):
            pytest.fail(f"PostgreSQL did not start for the tests: {log.read_text()[-2000:]}")
        cluster.create_database()
        yield
    finally:
        postgres.stop(server.pid)
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    postgres_server: None, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Hang pytest-django's test database on our server, which starts only when a test wants a database."""
