#!/usr/bin/env python3
"""The page at / and the one at /docs, in headless Chromium, over the built service and its default weights.

Drops a real photograph, waits as a person would, downloads the picture, and asserts that its PSNR against the sharp one beats the blurred
one's and that the screen shows its very pixels; then the queue, cancel, other versions, reload, paste, bad files, the keyboard, the phone,
dark and light, accessibility (axe-core), and that nothing is asked for elsewhere; and all of a photograph's way over a service that asks for
API keys. Screenshots lie under artifacts/page.
"""

import argparse
import io
import json
import pathlib
import sys
import tempfile
import zipfile

import numpy as np
import yaml
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Smoke"))
from browser import DESKTOP, PHONE, Browser  # noqa: E402
from keyed import streamed, with_keys  # noqa: E402
from ready import until_ready  # noqa: E402
from smoke import Server, check, psnr, rgb  # noqa: E402

BLURRED, SHARP = ROOT / "deploy/demo/blurred.jpg", ROOT / "deploy/demo/sharp.png"


def transform(browser, image):
    """-> (x, y) of the picture's corner on the screen and its scale, as the browser has laid it out."""
    return browser.script(
        "const r = document.getElementById(arguments[0]).getBoundingClientRect(), i = document.getElementById(arguments[0]);"
        "return [r.left, r.top, r.width / i.naturalWidth]", image)


def difference_on_screen(browser, image, data, name):
    """Mean absolute difference of the picture's middle, 200x160 pixels, between the screen at 1:1 and the file."""
    x, y, scale = transform(browser, image)
    assert abs(scale - 1) < 1e-6, f"the scale is {scale}"
    box = browser.script("const r = document.getElementById('stage').getBoundingClientRect();"
                         "return [r.left + scrollX, r.top + scrollY, r.width, r.height]")
    scroll = browser.script("return [scrollX, scrollY]")
    left, top = box[0] + box[2] / 2 - 100, box[1] + box[3] / 2 - 150
    left, top = round(left), round(top)
    screen = np.asarray(rgb(browser.shot(name, (left, top, 200, 100))), dtype=float)
    column, row = round(left - x - scroll[0]), round(top - y - scroll[1])
    file = np.asarray(rgb(data), dtype=float)[row:row + 100, column:column + 200]
    return np.abs(screen - file).mean()


def first_photograph(browser, server):
    """Drop -> progress -> slide -> zoom -> download."""
    browser.look(DESKTOP, "light")
    browser.open()
    check(browser.shows("#drop") and not browser.shows("#work"), "the page offers a place to drop a photograph")
    browser.shot("empty-light")
    browser.drop("#drop", BLURRED)
    browser.wait(lambda: browser.shows("#veil") and browser.text("#state"), "a state is shown")
    browser.shot("working-light")
    browser.wait(lambda: browser.shows("#download") and browser.find("#download").get_attribute("href"), "the picture is done")
    browser.wait(lambda: browser.shows("#divider"), "before and after can be compared")

    browser.find("#download").click()
    place = browser.downloads / "blurred-deblurred.jpg"
    browser.wait(lambda: place.is_file() and place.stat().st_size > 0, "the download arrives")
    result, blurred, sharp = place.read_bytes(), BLURRED.read_bytes(), rgb(SHARP.read_bytes())
    before, after = psnr(rgb(blurred), sharp), psnr(rgb(result), sharp)
    check(after > before, f"the downloaded picture's PSNR rose from {before:.2f} to {after:.2f} dB")
    jobs = json.loads(server.request("GET", "/v1/jobs")[2])["jobs"]
    check(server.request("GET", jobs[0]["links"]["result"])[2] == result, "it is the job's result, byte for byte")
    streamed(browser, jobs[0])

    level = json.loads(server.request("POST", "/v1/blur-level", blurred, "image/jpeg")[2])
    words = {"sharp": "Sharp", "slight": "Slightly", "moderate": "Moderately", "strong": "Strongly", "severe": "Severely"}
    check(browser.text("#blur-word").startswith(words[level["description"]]), f"the blur in words: {browser.text('#blur-word')}")
    check(f"t\u00a0=\u00a0{level['predicted_timestep']}" in browser.find("#blur-text").get_attribute("textContent"), "and its timestep")
    check(f"{jobs[0]['reblur_psnr']:.1f} dB" in browser.text("#certificate"), f"the certificate in words: {browser.text('#certificate')}")

    slide(browser)
    # One pixel of the picture on one of the screen, after on the left of nothing, then before on the right of nothing.
    browser.find("#zoom-pixels").click()
    stage = browser.find("#stage")
    stage.send_keys(Keys.HOME)
    check(difference_on_screen(browser, "after", result, "pixels-after") < 2, "at 1:1 the screen shows the result's own pixels")
    stage.send_keys(Keys.END)
    check(difference_on_screen(browser, "before", blurred, "pixels-before") < 2, "and on the other side those of the photograph")
    divider = browser.find("#divider")
    for _ in range(25):
        divider.send_keys(Keys.ARROW_LEFT)
    return result


def slide(browser):
    divider = browser.find("#divider")

    def value():
        return int(divider.get_attribute("aria-valuenow"))
    box = browser.script("const r = document.getElementById('stage').getBoundingClientRect(); return [r.left, r.top, r.width, r.height]")
    middle = (box[0] + box[2] / 2, box[1] + box[3] / 2)
    browser.drag(middle, (box[0] + box[2] * .2, middle[1]))
    check(value() == 20, "the divider is dragged to 20 %")
    divider.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    check(value() == 24, "arrow keys move it")
    stage = browser.find("#stage")
    stage.send_keys(Keys.SPACE)
    check(value() == 100, "the space bar shows one side whole")
    stage.send_keys(Keys.SPACE)
    check(value() == 0, "and then the other")

    zoom = browser.text("#zoom-level")
    stage.send_keys("+")
    check(browser.text("#zoom-level") != zoom, f"+ zooms from {zoom} to {browser.text('#zoom-level')}")
    browser.find("#zoom-fit").click()
    check(browser.text("#zoom-level") == zoom, "Fit goes back")
    x, y = middle
    browser.mouse("mouseWheel", x, y, deltaX=0, deltaY=-400, modifiers=2)
    browser.wait(lambda: browser.text("#zoom-level") != zoom, "the wheel with Ctrl zooms")
    before = transform(browser, "after")
    browser.drag(middle, (x - 60, y - 40))
    after = transform(browser, "after")
    check(round(before[0] - after[0]) == 60 and round(before[1] - after[1]) == 40, "a zoomed picture is dragged")
    for _ in range(12):
        stage.send_keys("+")
    check("1600 %" in browser.text("#zoom-level") and browser.script("return getComputedStyle(document.getElementById('after')).imageRendering") == "pixelated",
          "at most 16 pixels of the screen for one, and squares at that")
    stage.send_keys("0")


def versions(browser, server, photograph):
    """Another strength and another blur, from the page."""
    browser.script("document.getElementById('timestep').value = '280'")
    browser.find("#again-submit").click()
    browser.wait(lambda: len(browser.all("#versions button")) == 2 and browser.shows("#download"), "a second version is made")
    jobs = json.loads(server.request("GET", "/v1/jobs")[2])["jobs"]
    check(jobs[0]["requested_timestep"] == 280, "with the blur that was asked for")
    check([button.text for button in browser.all("#versions button")] == ["Full", "as severe"], "both can be chosen")
    browser.all("#versions button")[0].click()
    browser.wait(lambda: browser.all("#versions button")[0].get_attribute("aria-pressed") == "true", "the first is shown again")
    browser.find("#again-submit").click()
    check("already" in browser.text("#again-note"), "what is there is not made twice")

    if browser.shows("#strength-field"):
        browser.script("const s = document.getElementById('strength'); s.value = 40; s.dispatchEvent(new Event('input'))")
        browser.wait(lambda: browser.script("return document.getElementById('after').style.opacity") == "0.4", "a strength is shown at once")
        browser.find("#again-submit").click()
        browser.wait(lambda: len(browser.all("#versions button")) == 3 and browser.shows("#download"), "and made when asked")
        newest = json.loads(server.request("GET", "/v1/jobs")[2])["jobs"][0]
        mixed = np.asarray(rgb(server.request("GET", newest["links"]["result"])[2]), dtype=float)
        expected = .4 * np.asarray(rgb(photograph), dtype=float) + .6 * np.asarray(rgb(BLURRED.read_bytes()), dtype=float)
        check(np.abs(mixed - expected).mean() < 3, "it is the mixture that was shown")
    else:
        print("      (this service takes no strength)")
    if browser.shows("#show-motion"):
        browser.find("#show-motion").click()
        browser.wait(lambda: browser.script("return document.getElementById('motion').naturalWidth") > 0, "the motion is drawn")
        browser.shot("motion-light")
        browser.find("#show-motion").click()
    else:
        print("      (this service draws no motion)")


def queue(browser, server, other, folder):
    """Several at once: positions, cancel, a bad file, all as one archive, delete."""
    bad = folder / "letter.jpg"
    bad.write_bytes(b"no picture at all")
    browser.drop("#drop", *other, bad)
    cards = browser.wait(lambda: len(browser.all(".card")) == len(other) + 2 and browser.all(".card"), "all are listed")
    browser.wait(lambda: "Not accepted" in browser.all(".card")[len(other)].text, "a bad file is refused, the others go on")
    browser.all(".card")[len(other)].click()
    check("JPEG or PNG" in browser.text("#more"), f"with the reason and the way out: {browser.text('#more')}")
    browser.find("#remove").click()
    last = browser.all(".card")[len(other) - 1]
    last.click()
    browser.wait(lambda: "ahead" in browser.text("#state") or "Next" in browser.text("#state"), "its place in the queue is shown")
    browser.shot("queue-light")
    browser.find("#cancel").click()
    browser.wait(lambda: "Cancelled" in browser.text("#state"), "a waiting picture is cancelled")
    states = {job["state"] for job in json.loads(server.request("GET", "/v1/jobs")[2])["jobs"]}
    check("cancelled" in states, "at the service too")
    browser.wait(lambda: sum("Done" in card.text for card in browser.all(".card")) == len(other), "the others finish")
    browser.find("#remove").click()
    check(len(cards) - 2 == len(browser.all(".card")), "what was cancelled can be put away")

    browser.find("#download-all").click()
    place = browser.downloads / "deblurred.zip"
    browser.wait(lambda: place.is_file() and place.stat().st_size > 0, "all come as one archive")
    with zipfile.ZipFile(place) as archive:
        check(archive.testzip() is None and len(archive.namelist()) == len(other), f"it holds {archive.namelist()}")
        check(all(Image.open(io.BytesIO(archive.read(name))).size for name in archive.namelist()), "and each is a picture")


def memory(browser, server):
    """A reload forgets nothing; a deletion is one."""
    cards = len(browser.all(".card"))
    browser.open()
    browser.wait(lambda: len(browser.all(".card")) == cards and browser.shows("#download"), "after a reload all are there again")
    browser.all(".card")[0].click()
    total = len(json.loads(server.request("GET", "/v1/jobs?limit=200")[2])["jobs"])
    browser.wait(lambda: browser.shows("#remove"), "the first can be deleted")
    browser.find("#remove").click()
    browser.wait(lambda: len(browser.all(".card")) == cards - 1, "it is gone from the page")
    browser.wait(lambda: len(json.loads(server.request("GET", "/v1/jobs?limit=200")[2])["jobs"]) < total, "and from the service")


def other_ways_in(browser):
    """Pick, and paste."""
    cards = len(browser.all(".card"))
    browser.script("""
      const transfer = new DataTransfer(), bytes = Uint8Array.from(atob(arguments[0]), c => c.charCodeAt(0));
      transfer.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }));""", png_of(96, 64))
    browser.wait(lambda: len(browser.all(".card")) == cards + 1, "a pasted picture is taken")
    browser.find("#files").send_keys(str(BLURRED))
    browser.wait(lambda: len(browser.all(".card")) == cards + 2, "a picked photograph is taken")
    browser.wait(lambda: all("Done" in card.text for card in browser.all(".card")), "both are deblurred")


def png_of(width, height):
    import base64
    data = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)).save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode()


def keyboard(browser):
    """From the top of the page by Tab alone; wherever the focus is, it is seen."""
    browser.script("window.scrollTo(0, 0); const first = document.querySelector('.skip'); first.focus(); first.blur()")
    reached = []
    while len(reached) < 60:
        ActionChains(browser.driver).send_keys(Keys.TAB).perform()
        name = browser.script("const e = document.activeElement; return e === document.body ? 'BODY' : e.id || e.className || e.tagName")
        if name == "BODY" or (reached and name == reached[0]):
            break
        reached.append(name)
        is_seen = browser.script("""const e = document.activeElement;
            const shown = e.matches('.drop input') ? e.parentElement : e.matches('.divider') ? e.firstElementChild : e;
            const style = getComputedStyle(shown);
            return style.outlineStyle !== 'none' || (e.matches('.divider') && style.boxShadow.split('rgb').length > 2)""")
        check(is_seen, f"Tab reaches {name}, and it is seen")
    for name in ("files", "card", "stage", "divider", "zoom-in", "download", "timestep", "again-submit"):
        check(any(name in found.split() for found in reached), f"Tab has reached {name}")


def looks(browser):
    """Phone and desktop, dark and light: no part is cut off, and axe-core finds nothing."""
    bad = []
    for path in ("/", "/docs"):
        if path == "/docs":
            browser.open(path)
            browser.wait(lambda: browser.shows(".call"), "/docs is drawn")
        for device, screen in (("desktop", DESKTOP), ("phone", PHONE)):
            for scheme in ("light", "dark"):
                browser.look(screen, scheme)
                name = f"{'docs' if path == '/docs' else 'page'}-{device}-{scheme}"
                browser.script("window.scrollTo(0, 0)")
                # Colours change over a moment.
                browser.wait(lambda: not browser.script("return document.getAnimations().length"), f"{name} is drawn")
                browser.shot(name)
                browser.script("window.scrollTo(0, document.documentElement.scrollHeight * arguments[0])", .25 if path == "/docs" else 1)
                browser.shot(name + "-below")
                wide = browser.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
                check(wide <= 0, f"{path} fits a {device}")
                bad += [f"{name} {line}" for line in browser.violations()]
    check(not bad, "axe-core finds nothing" + "".join("\n      " + item for item in bad))


def contract(browser, server):
    """yaml.js reads openapi.yaml as PyYAML does; every call is on the page."""
    class Loader(yaml.SafeLoader):
        """Without dates, which JSON has not."""
    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
    document = yaml.load(server.request("GET", "/openapi.yaml")[2], Loader)
    browser.look(DESKTOP, "light")
    browser.open("/docs")
    browser.wait(lambda: browser.shows(".call"), "/docs is drawn")
    parsed = browser.driver.execute_async_script("""const done = arguments[0];
      Promise.all([import('/web/yaml.js'), fetch('/openapi.yaml').then(answer => answer.text())])
        .then(([yaml, text]) => done(yaml.parse(text)), error => done(String(error)))""")
    check(parsed == json.loads(json.dumps(document)), "yaml.js makes of openapi.yaml what PyYAML does")
    refused = browser.driver.execute_async_script("""const done = arguments[0];
      import('/web/yaml.js').then(({ parse }) => done(['a: [1, 2', 'a: 1\\na: 2', 'a: *b', "a: 'x", 'a:\\n    b: 1\\n  c: 2', 'a: {b: 1} c'].map(text => {
        try { return JSON.stringify(parse(text)); } catch (error) { return error.name; } })))""")
    check(refused == ["SyntaxError"] * 6, f"and refuses what is broken: {refused}")
    calls = [operation["operationId"] for item in document["paths"].values() for method, operation in item.items() if method != "parameters"]
    shown = [element.get_attribute("id") for element in browser.all(".call")]
    check(sorted(calls) == sorted(shown), f"/docs shows all {len(calls)} calls")


def events(browser):
    """events.js reads what HTML section 9.2 describes, wherever it is cut."""
    text = "\ufeff: hello\r\nid: 1\r\nevent: state\r\ndata: a\r\ndata:  b\r\n\r\n\r\ndata\n\nid\rdata:é\r\r:\n\ndata: never ends".removeprefix("\ufeff")
    expected = [{"id": "1", "event": "state", "data": "a\n b"}, {"id": "1", "event": "message", "data": ""}, {"id": "", "event": "message", "data": "é"}]
    found = browser.driver.execute_async_script("""const [text, done] = arguments;
      import('/web/events.js').then(async ({ parse }) => {
        const results = new Set();
        for (let cut = 0; cut <= text.length; cut += 1) {
          const events = [];
          for await (const event of parse((async function* () { yield text.slice(0, cut); yield text.slice(cut); })())) events.push(event);
          results.add(JSON.stringify(events));
        }
        done([...results]);
      }).catch(error => done(String(error)))""", text)
    check(isinstance(found, list) and [json.loads(item) for item in found] == [expected], f"events.js reads events cut anywhere {found}")


def outside(browser):
    found = {address for _, address, _ in browser.requested() if not address.startswith((browser.address, "blob:" + browser.address, "data:", "about:"))}
    check(not found, f"nothing is asked for elsewhere {found}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?", default=str(ROOT / ".build/release/fidediff"))
    parser.add_argument("--model", default=str(ROOT / "weights/default"))
    parser.add_argument("--artifacts", default=str(ROOT / "artifacts/page"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fidediff-page-") as name:
        folder = pathlib.Path(name)
        other = []
        for index in range(3):
            picture = Image.open(BLURRED).convert("RGB").resize((1280, 1280)).rotate(90 * index)     # a second and more each, so that the last one waits
            other.append(folder / f"other-{index}.png")
            picture.save(other[-1])
        with Server(arguments.binary, arguments.model, str(folder / "data")) as server, Browser(server.address, arguments.artifacts) as browser:
            until_ready(server)
            for old in browser.downloads.iterdir():
                old.unlink()
            result = first_photograph(browser, server)
            versions(browser, server, result)
            queue(browser, server, other, folder)
            memory(browser, server)
            other_ways_in(browser)
            keyboard(browser)
            looks(browser)
            contract(browser, server)
            events(browser)
            outside(browser)
            # The browser reports the refusal of the bad file, which was the point.
            bad = [message for message in browser.messages() if "415" not in message]
            check(not bad, f"the console is empty, and so is the list of what the policy kept out {bad}")
        with Browser(server.address, arguments.artifacts) as browser:
            with_keys(browser, arguments.binary, arguments.model, folder / "keyed")
            outside(browser)
            # And here those of the missing, the wrong and the reading key.
            bad = [message for message in browser.messages() if not any(status in message for status in (" 401 ", " 403 "))]
            check(not bad, f"the console is empty {bad}")


if __name__ == "__main__":
    main()
