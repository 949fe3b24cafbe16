#!/usr/bin/env python3
"""The report and the page of `loadlab serve` in a real Chromium: every plot is drawn, nothing is complained of, nobody else is asked, in
light and in dark, wide and on a phone. Screenshots go to $SCREENSHOTS, if it is set. Skipped (77) where there is no Chromium."""
import contextlib
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "programs"))
from programs import BIN, SECONDS, Agent, ProgramTest, costagent, loadlab  # noqa: E402

import browser  # noqa: E402

WIDE, PHONE = 1200, 400
# A plot that is drawn: a line of its data, which is a path, is longer than a point; a value alone has a circle.
PLOTS = """[...document.querySelectorAll('figure svg')].map((svg) => [
  svg.closest('figure').innerText.split('\\n')[0],
  [...svg.querySelectorAll('path, circle')].filter((one) => one.getBoundingClientRect().width > 3).length])"""
BRIGHTNESS = """(() => {
  const colour = getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).map(Number);
  return (colour[0] + colour[1] + colour[2]) / 3; })()"""


class Pages(ProgramTest):
    """Both pages show runs on a real agent."""

    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        super().setUp()
        costagent("sample", "--out", self.folder / "bills", "--seed", "1", "--days", "60", "--customers", "1", "--resources", "10")
        bills = sorted((self.folder / "bills/customer-1").glob("20*.csv"))
        said = costagent("ingest", "--database", f"sqlite:{self.folder}/costs.db", "--customer", "acme", *bills)
        self.assertEqual(said.returncode, 0, said)
        self.agent = Agent(self.folder)
        self.addCleanup(self.agent.close)
        self.plan = self.write("plan.yaml", f"""suite: page test
target: {self.agent.url}
defaults:
  allowed_send_lag: 1s # of what is looked at
  watch: [machine, port:{urllib.parse.urlsplit(self.agent.url).port}, "prometheus:{self.agent.url}/metrics"]
tests:
  - name: people
    users: 5
    think: 20ms
    duration: 4s
    steps: ["GET /costs?customer_id=acme&group_by=service", GET /health]
    thresholds: [p95(response_time) < 10s, cpu_per_request < 1us]
  - name: arrivals
    rate: 50/s
    duration: 4s
    steps: [GET /health]
""")

    def run_plan(self, *options):
        said = loadlab("run", self.plan, "--quiet", "--history", self.folder / "runs.db", *options)
        self.assertIn(said.returncode, (1, 4), said)
        return said

    def check_looks(self, page, name, least_plots):
        """As a person sees it now, in every way."""
        brightness = {}
        for dark in (False, True):
            for width in (WIDE, PHONE):
                page.look(width, dark)
                page.value("dispatchEvent(new Event('resize'))")
                page.wait_for(f"innerWidth === {width}")
                plots = page.value(PLOTS)
                self.assertGreaterEqual(len(plots), least_plots, name)
                self.assertEqual([title for title, drawn in plots if not drawn], [], f"{name}, {width}, these plots are empty")
                self.assertLessEqual(page.value("document.documentElement.scrollWidth"), width, f"{name} is wider than {width}")
                brightness[dark] = page.value(BRIGHTNESS)
                if os.environ.get("SCREENSHOTS"):
                    page.screenshot(pathlib.Path(os.environ["SCREENSHOTS"]) / f"{name}-{width}-{'dark' if dark else 'light'}.png")
        self.assertGreater(brightness[False], 180, name)
        self.assertLess(brightness[True], 80, name)

    def check_quiet(self, page, allowed):
        self.assertEqual(page.complaints, [])
        self.assertTrue(page.asked)
        self.assertEqual([url for url in page.asked if not url.startswith(allowed)], [])

    def test_the_report_is_whole_wherever_it_is_opened(self):
        report = self.folder / "report.html"
        self.run_plan("--html", report)
        page = self.browser.page()
        page.open(report.as_uri())
        self.assertIn("people", page.value("document.body.innerText"))
        # Times, rates, errors, users, CPU, memory … of two tests.
        self.check_looks(page, "report", 20)
        # A person reads words; a metric's own name stands below them in small.
        titles = page.value("[...document.querySelectorAll('figcaption b')].map((b) => b.innerText)")
        self.assertEqual([title for title in titles if "_" in title or not title], [])
        self.assertIn("Process CPU", titles)
        self.assertIn("process_cpu_seconds_total", page.value("[...document.querySelectorAll('figcaption code')].map((code) => code.innerText)"))
        self.check_scales(page)
        self.check_quiet(page, report.as_uri())

    def check_scales(self, page):
        """A scale ends where there is no more."""
        ticks = """((most, full) => {
          const place = document.body.appendChild(document.createElement('div'));
          plots.show(place, [{ title: 'CPU', unit: '%', full, positions: [0, 1], ticks: [], labels: String, lines: [{ name: 'used', values: [1, most] }] }], 'made up');
          return [...place.querySelectorAll('svg text')].map((text) => text.textContent);
        })"""
        self.assertEqual(page.value(f"{ticks}(100.4, 100)"), ["0 %", "50 %", "100 %"])
        self.assertEqual(page.value(f"{ticks}(100.4)"), ["0 %", "50 %", "100 %", "150 %"])
        self.assertEqual(page.value(f"{ticks}(190, 100)"), ["0 %", "100 %", "200 %"], "what is there is shown all the same")
        self.assertEqual(page.value(f"{ticks}(8, 100)"), ["0 %", "5 %", "10 %"])

    @contextlib.contextmanager
    def served(self):
        server = subprocess.Popen([BIN / "loadlab", "serve", "--history", self.folder / "runs.db", "--listen", "127.0.0.1:0"],
                                  stdout=subprocess.PIPE, text=True)
        try:
            yield re.search(r"http://\S+", server.stdout.readline())[0].rstrip("/")
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(SECONDS)
            server.stdout.close()

    def test_runs_and_trends_are_shown(self):
        for _ in range(2):
            # What is untrusted has no place in a trend, and what is shorter none in a comparison.
            self.run_plan("--again", "3", "--only", "people", "--duration", "10s")
        page = self.browser.page()
        with self.served() as url:
            page.open(url)
            page.wait_for("document.querySelectorAll('tbody tr').length === 2")
            self.check_looks(page, "runs", 0)
            page.open(f"{url}#run=2")
            page.wait_for("document.querySelectorAll('figure svg path').length > 4")
            page.wait_for("document.body.innerText.includes('Against the run before')")
            parts = ["Why the verdict is ", "cpu_per_request < 1us: ", "the limit is 1.00 µs", " times the limit", "tests compared", "played"]
            if page.value("fetch('api/runs/2/comparison').then((a) => a.json()).then((found) => found.figures.length)"):
                parts += ["95 % confidence interval", "detectable"]  # on a busy machine all may be untrusted
            said = page.value("document.body.textContent")  # with what is folded away
            self.assertEqual([part for part in parts if part not in said], [])
            self.check_looks(page, "run", 4)
            page.open(f"{url}#trend=page%20test")
            page.wait_for("document.querySelectorAll('figure svg').length > 0")
            self.check_looks(page, "trend", 3)
            self.check_quiet(page, url)

    def test_a_trend_is_of_one_machine(self):
        for _ in range(2):
            self.run_plan("--again", "3", "--duration", "2s")
        with contextlib.closing(sqlite3.connect(self.folder / "runs.db")) as history:
            history.execute("UPDATE run SET cores = 999 WHERE id = 1")
            history.commit()
        page = self.browser.page()
        with self.served() as url:
            page.open(f"{url}#trend=page%20test")
            page.wait_for("(document.getElementById('subtitle') || {innerText: ''}).innerText.includes('also played on')")
            page.value("[...document.querySelectorAll('#subtitle a')].find((a) => a.innerText.includes('999 cores')).click()")
            page.wait_for("document.getElementById('subtitle').innerText.includes('999 cores') && document.querySelector('figure svg') &&"
                          " ![...document.querySelectorAll('#subtitle a')].some((a) => a.innerText.includes('999 cores'))")
            self.assertIn("run 1", page.value("document.querySelector('figure').innerHTML"))
            self.check_quiet(page, url)

    def test_a_run_in_progress_is_followed(self):
        self.run_plan()
        page = self.browser.page()
        with self.served() as url:
            run = subprocess.Popen([BIN / "loadlab", "run", self.plan, "--quiet", "--duration", "20s", "--history", self.folder / "runs.db"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(run.wait, SECONDS)
            self.addCleanup(run.kill)
            page.look(WIDE, False)
            page.open(url)
            # Until the run has begun, the list doesn't have it.
            page.wait_for("fetch('api/runs').then((a) => a.json()).then((all) => all.runs.length === 2)")
            page.call("Page.reload")
            page.wait_for("(document.body || {innerText: ''}).innerText.includes('playing')")
            page.open(f"{url}#run=2")
            length = "(document.querySelector('figure svg path') || {getAttribute: () => ''}).getAttribute('d').length"
            page.wait_for(f"{length} > 0")
            before = page.value(length)
            page.wait_for(f"{length} > {before}")  # a second later, without anybody's doing
            self.check_quiet(page, url)


if __name__ == "__main__":
    if not browser.installed():
        print("skipped: chromium is not installed")
        sys.exit(77)
    unittest.main()
