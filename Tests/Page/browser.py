"""Headless Chromium, as the tests of the pages use it: one window, files dropped as a person drops them, every message of its console and
every address it asks for kept."""

import base64
import json
import pathlib
import time

from axe_core_python.base import AXE_SCRIPT
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.chrome.service import Service

PHONE = dict(width=390, height=844, deviceScaleFactor=2, mobile=True)
DESKTOP = dict(width=1360, height=900, deviceScaleFactor=1, mobile=False)


class Browser:
    def __init__(self, address, artifacts):
        self.address, self.artifacts = address, pathlib.Path(artifacts)
        self.downloads = self.artifacts / "downloads"
        self.downloads.mkdir(parents=True, exist_ok=True)
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        # As root, where CI often runs, Chromium has no sandbox of its own.
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_script_timeout(30)
        self.cdp("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads.resolve()))
        self.console, self.requests = [], []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def look(self, screen, scheme):
        """A phone or a desktop, light or dark."""
        self.cdp("Emulation.setDeviceMetricsOverride", **screen)
        self.cdp("Emulation.setTouchEmulationEnabled", enabled=screen["mobile"])
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, path="/"):
        self.driver.get(self.address + path)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def shows(self, selector):
        return any(element.is_displayed() for element in self.all(selector))

    def text(self, selector):
        return self.find(selector).text

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def wait(self, holds, what, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = holds()
            if value:
                print("ok    " + what, flush=True)
                return value
            time.sleep(0.05)
        self.shot("failure")
        raise AssertionError(f"not within {seconds} s: {what}; the console says {self.messages()}")

    def drop(self, selector, *paths):
        """As from a file manager: Chromium itself makes the events."""
        box = self.script("""const e = document.querySelector(arguments[0]); e.scrollIntoView({ block: 'center' });
            const r = e.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]""", selector)
        data = dict(items=[], files=[str(pathlib.Path(path).resolve()) for path in paths], dragOperationsMask=1)
        for kind in ("dragEnter", "dragOver", "drop"):
            self.cdp("Input.dispatchDragEvent", type=kind, x=box[0], y=box[1], data=data)

    def mouse(self, kind, x, y, **more):
        self.cdp("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def drag(self, start, end):
        self.mouse("mousePressed", *start, button="left", clickCount=1)
        self.mouse("mouseMoved", (start[0] + end[0]) / 2, (start[1] + end[1]) / 2, button="left", buttons=1)
        self.mouse("mouseMoved", *end, button="left", buttons=1)
        self.mouse("mouseReleased", *end, button="left", clickCount=1)

    def shot(self, name, clip=None):
        """-> the PNG's bytes, which are also kept."""
        extra = {"clip": dict(zip(("x", "y", "width", "height"), clip), scale=1)} if clip else {}
        data = base64.b64decode(self.cdp("Page.captureScreenshot", format="png", **extra)["data"])
        (self.artifacts / f"{name}.png").write_bytes(data)
        return data

    def type(self, *keys):
        """To whatever has the focus."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def focus(self):
        """-> the id of what has the focus."""
        return self.script("return document.activeElement.id")

    def violations(self):
        """-> what axe-core finds, a line each."""
        self.script(AXE_SCRIPT)
        found = self.driver.execute_async_script("const done = arguments[0]; axe.run().then(done, error => done({ error: String(error) }))")
        if "violations" not in found:
            raise AssertionError(f"axe-core does not run: {found}")
        return [f"{item['id']}: {node['html'][:90]} {node['failureSummary'][:160]}" for item in found["violations"] for node in item["nodes"]]

    def messages(self):
        """All of the console so far."""
        self.console += [entry["level"] + " " + entry["message"] for entry in self.driver.get_log("browser")]
        return self.console

    def requested(self):
        """All that was asked for so far: (method, address, fields of the header that the page has set)."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                request = message["params"].get("request", message["params"])
                self.requests.append((request.get("method", "GET"), request["url"], request.get("headers", {})))
        return self.requests
