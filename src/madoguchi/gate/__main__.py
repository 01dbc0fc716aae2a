"""`python -m madoguchi.gate [--web unix:/run/web.sock | --web 127.0.0.1:8001]`."""

import argparse
import asyncio
import logging
import signal
import ssl
import sys

from aiohttp import web

from madoguchi.config import installation
from madoguchi.gate.server import GateSettings, application, tls

logger = logging.getLogger("madoguchi.gate")


def settings_of(here: installation.Installation, web_target: str | None) -> GateSettings:
    """What the installation says of its gate."""
    hosts = {"localhost", "127.0.0.1", "::1"} | ({here.public_address} if here.public_address else set())
    return GateSettings(
        web=web_target or f"unix:{here.web_socket}",
        asterisk=f"ws://127.0.0.1:{here.asterisk_http_port}/ws",
        key=here.secrets.gate_key,
        hosts=frozenset(hosts),
        trusts_proxy=here.behind_proxy,
        certificate=here.tls_certificate,
        certificate_key=here.tls_key,
    )


async def serve(settings: GateSettings, host: str, port: int) -> None:
    """Listen until SIGTERM or SIGINT; open telephones are told that we restart."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # A browser that leaves ends its request to web at once, instead of at the next push.
    runner = web.AppRunner(
        application(settings), access_log=None, handler_cancellation=True, shutdown_timeout=2.0
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, ssl_context=tls(settings), reuse_address=True).start()
        logger.info("The gate listens.", extra={"host": host, "port": port})
        await stop.wait()
    finally:
        await runner.cleanup()


def main() -> int:
    parser = argparse.ArgumentParser(prog="madoguchi.gate")
    parser.add_argument("--web", help="where the web process listens: unix:PATH or HOST:PORT")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        here = installation.load()
        asyncio.run(serve(settings_of(here, arguments.web), here.bind, here.http_port))
    except installation.InstallationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except ssl.SSLError as error:
        sys.stderr.write(f"The TLS certificate or its key cannot be used: {error}.\n")
        return 2
    except OSError as error:
        sys.stderr.write(
            f"Port {here.http_port} on {here.bind} cannot be opened: {error.strerror or error}. "
            "Is another program using it? The setting http_port chooses another one.\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
