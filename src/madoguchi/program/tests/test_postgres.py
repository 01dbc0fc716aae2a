"""The launcher of PostgreSQL: first start, clean stop, kill -9, a survivor, a foreign version."""

import dataclasses
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from madoguchi.program import account, postgres
from madoguchi.program.errors import ProgramError
from madoguchi.program.tests.data_folder import data_folder

pytestmark = pytest.mark.action


@pytest.fixture
def home() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


def _cluster(home: Path, programs: Path | None = None) -> postgres.Cluster:
    runs_as = account.of_servers()
    return postgres.Cluster(
        programs=programs or postgres.find_programs(runs_as, home / "spare"),
        data=home / "data",
        socket=home / "socket",
        password="a secret",
        account=runs_as,
    )


def _started(cluster: postgres.Cluster) -> "subprocess.Popen[bytes]":
    cluster.prepare()
    server = cluster.start(subprocess.DEVNULL)
    assert cluster.wait_until_ready(20, server)
    return server


def test_what_was_committed_is_there_after_kill_9(home: Path) -> None:
    cluster = _cluster(home)
    server = _started(cluster)
    cluster.create_database()
    with psycopg.connect(cluster.conninfo) as connection:
        connection.execute("CREATE TABLE promise (id int)")
        connection.execute("INSERT INTO promise SELECT generate_series(1, 5000)")
        connection.commit()
        os.kill(server.pid, signal.SIGKILL)
    server.wait()
    again = _restarted_after_kill(cluster)
    with psycopg.connect(cluster.conninfo) as connection:
        assert connection.execute("SELECT count(*) FROM promise").fetchone() == (5000,)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert postgres.stop(again.pid)
    again.wait()


def test_another_password_than_the_one_it_was_made_with_is_told_at_once(home: Path) -> None:
    cluster = _cluster(home)
    server = _started(cluster)
    stranger = dataclasses.replace(cluster, password="another secret")
    began = time.monotonic()
    with pytest.raises(ProgramError, match=r"keys/secrets\.json .+ backup"):
        stranger.wait_until_ready(20, server)
    assert time.monotonic() - began < 5
    postgres.stop(server.pid)
    server.wait()


def _restarted_after_kill(cluster: postgres.Cluster) -> "subprocess.Popen[bytes]":
    # The killed server's children need a moment to notice; the supervisor meets that by its back-off.
    for _ in range(20):
        server = cluster.start(subprocess.DEVNULL)
        if cluster.wait_until_ready(20, server):
            return server
    raise AssertionError("PostgreSQL did not come back")


def test_a_running_server_is_found_again_and_stops_while_somebody_listens(home: Path) -> None:
    cluster = _cluster(home)
    server = _started(cluster)
    assert cluster.survivor() == server.pid
    with psycopg.connect(cluster.conninfo, dbname="postgres", autocommit=True) as listener:
        listener.execute("LISTEN bell")
        assert postgres.stop(server.pid)
    server.wait()
    assert cluster.survivor() is None


def test_a_wrong_password_is_refused(home: Path) -> None:
    cluster = _cluster(home)
    server = _started(cluster)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(cluster.conninfo, dbname="postgres", password="a guess")
    postgres.stop(server.pid)
    server.wait()


def test_the_data_of_another_major_version_is_refused_in_plain_words(home: Path) -> None:
    cluster = _cluster(home)
    cluster.prepare()
    (cluster.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(ProgramError, match="was made by PostgreSQL 14"):
        cluster.prepare()


def test_a_stale_process_number_does_not_keep_the_server_from_starting(home: Path) -> None:
    cluster = _cluster(home)
    cluster.prepare()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n1\n5432\n\n\n\n\n")
    server = _started(cluster)
    assert server.poll() is None
    assert (cluster.data / "postmaster.pid").read_text().split()[0] != str(os.getpid())
    postgres.stop(server.pid)
    server.wait()


@pytest.mark.skipif(not postgres.debian_programs(), reason="no PostgreSQL of Debian on this machine")
def test_debians_postgresql_serves_as_well(home: Path) -> None:
    cluster = _cluster(home, postgres.debian_programs()[0])
    server = _started(cluster)
    assert cluster.create_database()
    assert not cluster.create_database()
    postgres.stop(server.pid)
    server.wait()
