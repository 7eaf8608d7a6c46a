"""The Train page, drawn again and again without a browser: what one more person who watches costs the server."""

import sys
import time

from streamlit.testing.v1 import AppTest

from benchmarks.served_app import ROOT


def watch(secret: str) -> None:
    """Draw the page of the visitor with this secret every second, until the process is ended."""
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.session_state["visitor"] = secret
    page.run()
    page.switch_page("pages/train.py")
    while True:
        page.run()
        time.sleep(1.0)


if __name__ == "__main__":
    watch(sys.argv[1])
