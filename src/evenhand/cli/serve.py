"""`evenhand serve`."""

from pathlib import Path

import typer

from evenhand.cli.console import OPTION_JSON, print_json, say
from evenhand.cli.officeoptions import FOLDER, OfficeFolder, StoreUrl, opened


def serve(
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    host: str = typer.Option("127.0.0.1", "--host", help="Address to listen on."),
    port: int = typer.Option(8000, "--port", min=0, max=65535, help="Port; 0 chooses a free one."),
    proxy: str | None = typer.Option(
        None,
        "--proxy",
        metavar="ADDRESS",
        help="Address of the server in front that has the HTTPS certificate. Needed where others reach --host.",
    ),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Serve an office: the pages for everybody who takes part, works there or looks in.

    Example: [bold]evenhand serve --office evenhand-office --port 8000[/]
    """
    address(office, store, host, port, proxy, as_json=as_json)


def address(
    office: Path, store: str | None, host: str, port: int, proxy: str | None, *, as_json: bool, demo: bool = False
) -> None:
    """Say where, and serve there until interrupted."""
    from evenhand.web.serve import listen, serve, settings_for

    with opened(office, store) as found:
        settings = settings_for(office, host, proxy, demo=demo)
        with found.store.reading() as reading:
            names = [row.name for row in reading.programmes()]
        with listen(host, port) as listening:
            where = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
            if as_json:
                print_json({"address": where, "programmes": {name: f"{where}/p/{name}" for name in names}})
            else:
                say(f"Serving {office} at {where}/ – Ctrl-C ends it.")
                for name in names:
                    say(f"  {name}: {where}/p/{name}")
            serve(found, settings, listening, proxy)
