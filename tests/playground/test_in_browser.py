"""The page in Chromium: every control, every address, a phone; no request."""

import re
import time

import numpy as np
import pytest

from lr_finder import reference
from lr_finder.playground.built_page import write_page
from lr_finder.results.sweep import Curve, SweepResult

from .test_address import IDS
from .test_network_modules import GRADIENTS, NETWORKS
from .test_reference_modules import PATH, RATES, STEPS, python_path

pytestmark = pytest.mark.browser

SNAPSHOT = """() => ({
  texts: [...document.querySelectorAll('.verdict, .formula, .tables, output')]
    .map((each) => each.textContent),
  pictures: [...document.querySelectorAll('figure:not([hidden]) canvas')]
    .map((each) => each.toDataURL()),
})"""
CONTROLS = """() => [...document.querySelectorAll('.controls [name]')]
  .filter((each) => each.offsetParent !== null).map((each) => each.name)"""


def wait_until(page, condition, seconds=60):
    """The page's policy forbids what `wait_for_function` does."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(30)


def settle(page):
    """Wait until all is trained, drawn and in the address."""
    wait_until(page, "document.body.dataset.busy === 'false'")


def address(page):
    return page.evaluate("location.hash")


def written(page, key):
    """The value of a key in the address; None if it is left out."""
    settle(page)
    found = re.search(rf"[?&]{key}=([^&]*)", address(page))
    return found and found[1]


@pytest.mark.parametrize("name", IDS)
def test_a_panel_opens_from_its_link(watched, name):
    page = watched().open("one_weight" if name != "one_weight" else "glance")
    page.click(f'nav a[href^="#{name}"]')
    page.wait_for_selector(f"#panel-{name}")
    settle(page)
    assert address(page) == f"#{name}"
    assert page.get_attribute("nav a[aria-current]", "href") == f"#{name}"
    assert page.evaluate("document.activeElement.id") == "title"
    unnamed = "[...document.querySelectorAll('canvas')].filter((c) => !c.ariaLabel)"
    assert page.evaluate(f"{unnamed}.length") == 0


@pytest.mark.parametrize("name", [each for each in IDS if each != "glance"])
def test_every_control_answers_to_mouse_and_keys(watched, name):
    quick = "?epochs=10" if name == "small_network" else ""
    page = watched().open(name + quick)
    settle(page)
    for key in page.evaluate(CONTROLS):
        page.evaluate(f"location.hash = '#{name}{quick}'")
        page.wait_for_timeout(30)
        control = page.locator(f'.controls [name="{key}"]')
        kept = key.split("-")[0]
        if control.evaluate("(each) => each.tagName") == "SELECT":
            control.focus()
            page.keyboard.press("ArrowDown")
            assert written(page, kept), key
            continue
        kind = control.get_attribute("type")
        for act in (_by_mouse, _by_keys):
            before = written(page, kept)
            act(page, control, kind)
            assert written(page, kept) != before, (key, act.__name__)


def _by_mouse(page, control, kind):
    if kind == "checkbox":
        control.click()
        return
    box = control.bounding_box()
    share = 0.8 if float(control.evaluate("(e) => e.value / e.max")) < 0.5 else 0.2
    control.click(position={"x": box["width"] * share, "y": box["height"] / 2})


def _by_keys(page, control, kind):
    control.focus()
    if kind == "checkbox":
        page.keyboard.press("Space")
        return
    shown = control.get_attribute("aria-valuetext")
    page.keyboard.press("ArrowLeft")
    if control.get_attribute("aria-valuetext") == shown:
        page.keyboard.press("ArrowRight")
    assert control.get_attribute("aria-valuetext") != shown


PICTURES = {  # of a panel: its pictures that answer, and the key that they set
    "one_weight": {"steps": "rate"},
    "loss_surface": {"map": "from"},
    "own_rate": {"curves": "rate", "map": "from"},
    "momentum": {"map": "rate"},
    "batch_size": {"floors": "batch"},
    "schedules": {"rates": "own"},
    "range_test": {"sweep": "guess"},
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_answers_to_mouse_and_keys(watched, name):
    page = watched().open(name)
    for picture, key in PICTURES[name].items():
        canvas = page.locator(f'canvas[data-name="{picture}"]')
        box = canvas.bounding_box()
        canvas.click(position={"x": box["width"] * 0.6, "y": box["height"] * 0.3})
        clicked = written(page, key)
        assert clicked
        canvas.focus()
        way = "Up" if key in ("own", "batch") else "Right"
        for press in (f"Arrow{way}", f"Shift+Arrow{way}"):
            page.keyboard.press(press)
            moved = written(page, key)
            assert moved != clicked, press
            clicked = moved


@pytest.mark.parametrize(
    "name, button, key",
    [
        ("one_weight", "next", "step"),
        ("loss_surface", "next", "at"),
        ("momentum", "best", "beta"),
        ("small_network", "train", "epochs"),
        ("small_network", "restart", "epochs"),
        ("range_test", "reveal", "answers"),
        ("range_test", "next", "case"),
    ],
)
@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_a_button_does_what_it_says(watched, name, button, key, by):
    page = watched().open(name)
    control = page.locator(f'button[data-name="{button}"]')
    if by == "mouse":
        control.click()
    else:
        control.focus()
        page.keyboard.press("Enter")
    assert written(page, key)
    page.click("text=Reset")
    assert written(page, key) is None


def test_buttons_lead_to_other_panels(watched):
    page = watched().open("own_rate?rate=0.02")
    page.click('button[data-name="open"]')
    page.wait_for_selector("#panel-loss_surface")
    assert written(page, "rates") == "one" and written(page, "rate") == "0.02"
    page.goto(page.url.split("#")[0] + "#small_network?epochs=5&data=xor")
    page.click('button[data-name="sweep"]')
    page.wait_for_selector("#panel-range_test")
    assert written(page, "source") == "live" and written(page, "data") == "xor"
    page.go_back()
    page.wait_for_selector("#panel-small_network")
    assert written(page, "data") == "xor"


def test_play_shows_one_step_after_another(watched):
    page = watched().open("loss_surface?steps=10")
    page.click('button[data-name="play"]')
    assert page.inner_text('button[data-name="play"]') == "Pause"
    wait_until(page, "document.querySelector('[data-name=play]').textContent == 'Play'")
    assert written(page, "at") == "10"


def test_without_motion_play_goes_to_the_end_at_once(watched):
    page = watched(reduced_motion="reduce").open("loss_surface?steps=300&at=1")
    page.click('button[data-name="play"]')
    assert written(page, "at") is None  # 300, the end
    page.goto(page.url.split("#")[0] + "#small_network?epochs=40")
    settle(page)
    assert "Trained 40 epochs" in page.inner_text(".verdict")


def snapshot(page):
    settle(page)
    return page.evaluate(SNAPSHOT)


@pytest.mark.parametrize("name", [each for each in IDS if each != "glance"])
def test_the_address_brings_every_state_back(watched, name):
    page, other = watched().open(name), watched()
    count = page.locator("button.try").count()
    states = {address(page)}
    for k in range(count):
        page.locator("button.try").nth(k).click()
        made = snapshot(page)
        states.add(address(page))
        assert snapshot(other.open(address(page)[1:])) == made, address(page)
    assert len(states) == count + 1


def test_the_skip_link_leads_past_the_list_of_panels(watched):
    page = watched().open("momentum?beta=0.5")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "title"
    settle(page)
    assert address(page) == "#momentum?beta=0.5"


def test_a_finger_taps_and_scrolls(watched):
    options = {"viewport": {"width": 375, "height": 700}, "has_touch": True}
    page = watched(**options).open("momentum")
    canvas = page.locator("canvas[data-name=map]")
    canvas.evaluate("(each) => each.scrollIntoView()")
    box = canvas.bounding_box()
    page.touchscreen.tap(box["x"] + 0.6 * box["width"], box["y"] + 60)
    assert written(page, "rate")
    assert canvas.evaluate("(each) => getComputedStyle(each).touchAction") == "pan-y"


def test_a_change_does_not_undo_a_link_that_is_followed(watched):
    """The address is written late: never over one that a person has gone on to."""
    page = watched().open("momentum")
    settle(page)
    page.evaluate(
        """() => {
          const slider = document.querySelector('[name="rate"]');
          slider.value = 2;
          slider.dispatchEvent(new Event('input'));
          return new Promise((done) => setTimeout(() => {
            location.hash = '#schedules';
            const end = performance.now() + 60; // as long as that
            while (performance.now() < end);
            done();
          }, 270));
        }"""
    )
    page.wait_for_selector("#panel-schedules")
    settle(page)
    assert address(page) == "#schedules"


def test_a_wrong_address_shows_the_first_panel(watched):
    page = watched().open("<img src=x>?rate=1")
    settle(page)
    assert page.locator("#panel-one_weight").count() == 1


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_needs_no_sideways_scroll(watched, name, dark):
    scheme = "dark" if dark else "light"
    options = {"viewport": {"width": 375, "height": 700}, "color_scheme": scheme}
    page = watched(**options).open(name)
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    for k in range(0 if dark else page.locator("button.try").count()):
        page.locator("button.try").nth(k).click()
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (ground != "rgb(255, 255, 255)") == dark


def test_pictures_change_with_the_colors(watched):
    page = watched().open("momentum")
    light = snapshot(page)
    page.emulate_media(color_scheme="dark")
    end = time.monotonic() + 60  # the event may come after the page is asked
    while (dark := snapshot(page))["pictures"] == light["pictures"]:
        assert time.monotonic() < end
    assert light["texts"] == dark["texts"]
    assert all(map(str.__ne__, light["pictures"], dark["pictures"]))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert snapshot(page)["pictures"] == light["pictures"]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert snapshot(page) == dark


def test_on_paper_there_are_no_buttons(watched):
    page = watched().open("one_weight")
    page.emulate_media(media="print")
    assert not page.is_visible("nav") and not page.is_visible(".tries")
    assert page.is_visible("canvas[data-name=parabola]")


def test_a_screen_reader_hears_the_verdict_once_it_is_quiet(watched):
    page = watched().open("one_weight")
    page.focus('[name="rate"]')
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(900)
    said = page.text_content("[role=status]")
    assert said == page.text_content(".verdict")


@pytest.mark.parametrize("name", RATES)
def test_chromium_makes_the_steps_of_the_reference(watched, name):
    page = watched().open("one_weight")
    for surface, rate in RATES[name].items():
        given = {"name": name, "surface": surface, "rate": rate, "steps": STEPS}
        given["start"] = reference.get_surface(surface).start
        code = f"({{name, surface, rate, steps, start}}) => {{{PATH}}}"
        expected = python_path(name, surface, rate)
        made = page.evaluate(code, given)
        np.testing.assert_allclose(made, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("layers, units, activation", NETWORKS)
def test_chromium_computes_the_gradient(watched, layers, units, activation):
    page = watched().open("one_weight")
    given = {"layers": layers, "units": units, "activation": activation}
    code = f"({{layers, units, activation}}) => {{{GRADIENTS}}}"
    made = page.evaluate(code, given)
    np.testing.assert_allclose(
        made["gradient"], made["differences"], rtol=1e-6, atol=1e-8
    )


def test_names_that_hold_html_are_shown_as_text(watched, tmp_path):
    lrs = np.geomspace(1e-6, 1, 80)
    result = SweepResult([Curve(lrs, 1 / (1 + lrs / 1e-3) + lrs**2)])
    name = "</script><script>alert(1)</script>.csv"
    file = write_page(tmp_path / "own.html", {name: result, "<b>": result})
    page = watched(file).open("range_test")
    assert name in page.inner_text(".verdict")
    page.check('[name="shown"]')
    assert "lr_finder" in page.inner_text(".tables")
    page.select_option('[name="mine"]', "1")
    assert "<b>" in page.inner_text(".verdict")
    assert written(page, "mine") == "1"


TOURS = {  # what docs/guide/playground.md says, and where it stands on the page
    "one_weight?rate=0.1": "It needs 44 steps",
    "one_weight?rate=1": "It needs 1 step to",
    "one_weight?rate=1.9": "It needs 44 steps",
    "one_weight?rate=2": "swings for ever",
    "one_weight?rate=2.2": "diverges",
    "loss_surface?rates=one&rate=0.02": "momentum is lowest",
    "loss_surface": "momentum 1e-2, RMSprop 6.8e-2, Adam 1.5",
    "own_rate?rate=0.3": "SGD, momentum diverged",
    "momentum?rate=3&beta=0.8": "a tenth of the error after about 21 steps",
    "momentum?rate=3&beta=0": "it does not converge",
    "adaptive?stretch=100": "fell by a factor of 68, Adam's by 1.",
    "batch_size": "above 1.32e-2",
    "batch_size?batch=4": "above 6.58e-3",
    "batch_size?batch=4&rate=0.2": "above 1.39e-2",
    "batch_size?batch=8&axis=samples": "25 steps lead",
    "schedules": "cosine1.15.76e-30.59",
    "schedules?schedule=plateau&noise=0.5&patience=1&peak=0.4": "3 of them in the",
    "small_network": "6.96e-2, was in epoch 22",
    "small_network?rate=0.003": "epoch 136, the last one is 7.84e-2",
    "small_network?data=noise&epochs=300&units=16&layers=3": "0.3161.250.94",
    "range_test?case=5&answers=5:0.01": "1.2e-2 to 0.31.00, catastrophic",
    "range_test?case=10&answers=10:0.022": "2.2e-20.42, loses something",
}


@pytest.mark.parametrize("where", TOURS)
def test_the_tours_say_what_is_on_the_page(watched, where):
    page = watched().open(where)
    settle(page)
    told = page.evaluate(
        "[...document.querySelectorAll('.verdict, .formula, .tables')]"
        ".map((each) => each.textContent).join(' ')"
    )
    assert TOURS[where] in told


def test_a_guess_is_judged_and_scored(watched):
    page = watched().open("range_test?guess=0.003")
    assert not page.is_visible("canvas[data-name=truth]")
    page.click('button[data-name="reveal"]')
    assert not page.is_visible('[name="guess"]')
    assert page.is_visible("canvas[data-name=truth]")
    assert "after 1 of 10 cases" in page.inner_text(".tables")
    assert not page.is_visible('button[data-name="reveal"]')
    page.click('button[data-name="next"]')
    assert not page.is_visible("canvas[data-name=truth]")


def test_a_live_sweep_finds_its_truth(watched):
    page = watched().open("range_test?source=live&guess=0.02")
    page.check('[name="shown"]')
    settle(page)
    assert "best constant rate" in page.inner_text(".tables")
    assert page.is_visible("canvas[data-name=truth]")
