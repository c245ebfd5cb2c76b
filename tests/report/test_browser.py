"""The page in a real browser, at the widths of a desk and of a phone, in light, in dark and on paper."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from dashboard.cli import main
from tests.harness.needs import REQUIRE_BROWSER, missing
from tests.harness.waiting import PATIENCE
from tests.report.test_report import hostile_readings
from tests.sources.recordings import eventful, simulated_readings, written

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="module")
def browser() -> str:
    """A Chromium; without one the test is skipped, or failed where it is required."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        missing(f"none of {', '.join(_NAMES)} is installed (Debian: apt-get install chromium)", REQUIRE_BROWSER)
    return found


def run(browser: str, tmp_path: Path, *arguments: str) -> str:
    done = subprocess.run(
        [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"),
            *(f"--user-data-dir={tmp_path / 'profile'}", "--no-first-run", "--disable-background-networking"),
            *arguments,
        ],
        capture_output=True,
        text=True,
        timeout=12 * PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# A script of the test's own, added to a copy of the page: it says how the page came out.
PROBE = """<script>
addEventListener("load", () => {
  const wide = document.documentElement.scrollWidth > innerWidth + 1;
  const charts = [...document.querySelectorAll("svg")].filter(s => s.getBoundingClientRect().height > 50).length;
  const ink = getComputedStyle(document.body).color;
  const lines = [...document.querySelectorAll("path.line")].filter(p => getComputedStyle(p).stroke !== "none").length;
  document.title = `probe wide=${wide} charts=${charts} lines=${lines} ink=${ink} width=${innerWidth}`;
});
</script>"""


@pytest.mark.parametrize("width", [1200, 500])
def test_the_page_fits_its_width_and_its_charts_are_drawn(browser: str, width: int, tmp_path: Path) -> None:
    recording = written(tmp_path / "run.k6d", eventful(asyncio.run(simulated_readings(60, "errors"))))
    page = tmp_path / "report.html"
    assert main(["report", str(recording), "-o", str(page)]) == 0
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', PROBE, page.read_text())
    page.write_text(text)
    seen = run(browser, tmp_path, f"--window-size={width},900", "--dump-dom", page.as_uri())
    (title,) = re.findall(r"<title>(probe .*?)</title>", seen)
    assert "wide=false charts=3" in title, title
    assert int(re.findall(r"lines=(\d+)", title)[0]) >= 5
    assert f"width={width}" in title


def test_nothing_in_a_hostile_page_runs(browser: str, tmp_path: Path) -> None:
    recording = written(tmp_path / "hostile.k6d", hostile_readings())
    page = tmp_path / "hostile.html"
    assert main(["report", str(recording), "-o", str(page)]) == 0
    page.write_text(page.read_text().replace("<body>", "<body><script>document.title = 'it ran'</script>"))
    # The page's own policy forbids even a script that stands in it.
    assert "<title>it ran</title>" not in run(browser, tmp_path, "--dump-dom", page.as_uri())


def test_it_can_be_printed(browser: str, tmp_path: Path) -> None:
    recording = written(tmp_path / "run.k6d", asyncio.run(simulated_readings(30, "steady")))
    page, paper = tmp_path / "report.html", tmp_path / "report.pdf"
    assert main(["report", str(recording), "-o", str(page)]) == 0
    run(browser, tmp_path, f"--print-to-pdf={paper}", page.as_uri())
    assert paper.read_bytes().startswith(b"%PDF-")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes())) <= 8
