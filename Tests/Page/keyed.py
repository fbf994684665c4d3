"""All of a photograph's way on the page of a service that asks for API keys; called by page.py."""
import json
import pathlib
import subprocess

from browser import DESKTOP, PHONE
from ready import until_ready
from selenium.webdriver.common.keys import Keys
from smoke import Server, check

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLURRED, SHARP = ROOT / "deploy/demo/blurred.jpg", ROOT / "deploy/demo/sharp.png"


def streamed(browser, job):
    """The job was followed by its events, from the first to the last: it was never asked for."""
    asked = [address.removeprefix(browser.address) for method, address, _ in browser.requested() if method == "GET"]
    check(asked.count(job["links"]["events"]) == 1 and job["links"]["self"] not in asked, "its progress came as server-sent events")


def add_key(binary, data, *options):
    done = subprocess.run([binary, "key", "add", "page", "--json", "--data", str(data), *options], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["key"]


def with_keys(browser, binary, model, folder):
    """A service that asks for keys: the field, a wrong key, the right one by keyboard alone, all that a photograph goes through, another key."""
    folder.mkdir()
    for old in browser.downloads.iterdir():
        old.unlink()
    data = folder / "data"
    with Server(binary, model, str(data), ["--require-keys"]) as server:
        until_ready(server)
        key, reader = add_key(binary, data), add_key(binary, data, "--read-only")
        browser.address, before = server.address, len(browser.requested())
        browser.look(DESKTOP, "light")
        browser.open()
        browser.wait(lambda: browser.shows("#key"), "a service that asks for a key is asked before a photograph is dropped")
        check(browser.focus() == "key", "and the field has the focus")
        bad = []
        for device, screen in (("desktop", DESKTOP), ("phone", PHONE)):
            for scheme in ("light", "dark"):
                browser.look(screen, scheme)
                browser.wait(lambda: not browser.script("return document.getAnimations().length"), f"it is drawn, {device} and {scheme}")
                browser.shot(f"key-{device}-{scheme}")
                check(browser.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, f"it fits a {device}")
                bad += [f"{device} {scheme} {line}" for line in browser.violations()]
        check(not bad, "axe-core finds nothing" + "".join("\n      " + item for item in bad))
        browser.look(DESKTOP, "light")

        browser.drop("#drop", BLURRED)
        browser.wait(lambda: browser.text("#state") == "Waits for a key", "a photograph that was dropped all the same waits")
        browser.find("#key").click()
        browser.type("wrong", Keys.ENTER)
        browser.wait(lambda: "does not know" in browser.text("#key-note") and browser.focus() == "key", "a wrong key is told, and can be typed again")
        time_of_key = len(browser.requested())
        browser.type(key, Keys.ENTER)
        browser.wait(lambda: not browser.shows("#key") and browser.focus() == "files", "the right one is taken, and the keyboard is where photographs are chosen")
        browser.wait(lambda: browser.shows("#download") and browser.find("#download").get_attribute("href"), "the photograph is sent by itself, and done")
        jobs = json.loads(server.request("GET", "/v1/jobs", Authorization=f"Bearer {key}")[2])["jobs"]
        check(len(jobs) == 1 and server.request("GET", "/v1/jobs")[0] == 401, "it is a job of that key")
        streamed(browser, jobs[0])
        browser.find("#download").click()
        place = browser.downloads / "blurred-deblurred.jpg"
        browser.wait(lambda: place.is_file() and place.stat().st_size > 0, "the download arrives")
        check(place.read_bytes() == server.request("GET", jobs[0]["links"]["result"], Authorization=f"Bearer {key}")[2], "and is the job's result")
        browser.wait(lambda: browser.shows("#divider"), "before and after can be compared")
        browser.find("#stage").send_keys("m")
        browser.wait(lambda: browser.script("return document.getElementById('motion').naturalWidth") > 0, "the motion is drawn")
        browser.shot("key-motion")
        sources = browser.script("return [...document.querySelectorAll('.stage img, .card img')].map(image => image.src)")
        check(len(sources) == 4 and all(source.startswith("blob:") for source in sources), f"all pictures are blobs {sources}")

        browser.open()
        browser.wait(lambda: browser.shows("#download") and not browser.shows("#key"), "after a reload all is there, and no key is asked for")
        check(key not in browser.script("return JSON.stringify(localStorage) + document.cookie + location.href"), "nothing outlives the tab")

        browser.find("#key-open").click()
        browser.type(reader, Keys.ENTER)
        browser.wait(lambda: not browser.shows("#key"), "another key is taken")
        browser.find("#files").send_keys(str(SHARP))
        browser.wait(lambda: "Not accepted" in browser.text("#state"), "one that may only read sends nothing")
        browser.find("#key-open").click()
        browser.type(key, Keys.ENTER)
        browser.wait(lambda: all("Done" in card.text for card in browser.all(".card")), "until there is one that may")
        browser.find("#key-open").click()
        browser.find("#key-forget").click()
        check(browser.script("return sessionStorage.length") == 0 and browser.focus() == "key", "a key can be forgotten")

        requests = browser.requested()
        check(not [address for _, address, _ in requests if key in address or reader in address], "no address holds a key")
        bare = [address for _, address, fields in requests[time_of_key + 1:] if address.startswith(server.address + "/v1/") and "Authorization" not in fields]
        check(not bare, f"every call has it in its header {bare}")
        spread = [address for _, address, fields in requests[before:] if "Authorization" in fields and not address.startswith(server.address + "/")]
        check(not spread, f"and goes nowhere else {spread}")
