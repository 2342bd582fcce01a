"""The drawn face in a real browser: what it shows, when it moves and when it must not."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.face_site import browser_page

SETUP = """async () => {
  const { createFace } = await import("/widget/face/face.js");
  const frames = (n) => new Promise((done) => {
    const next = () => (n-- ? requestAnimationFrame(next) : done());
    next();
  });
  const rest = (ms) => new Promise((done) => setTimeout(done, ms));
  const fresh = (options = {}) => {
    document.getElementById("gallery").replaceChildren();
    const host = document.createElement("div");
    host.style.width = host.style.height = `${options.size ?? 200}px`;
    document.getElementById("gallery").append(host);
    const face = createFace(host, options);
    const part = (name) => host.querySelector(`[data-p="${name}"]`);
    const changes = async (ms) => {
      let n = 0;
      const watch = new MutationObserver((list) => { n += list.length; });
      watch.observe(host, { subtree: true, attributes: true });
      await rest(ms);
      watch.disconnect();
      return n;
    };
    return { host, face, part, changes, d: (name) => part(name).getAttribute("d") };
  };
  Object.assign(window, { fresh, frames, rest });
}"""

EVERY = """async (look) => {
  const { MOODS, VISEMES } = await import("/widget/face/expressions.js");
  const { face, d, part } = fresh({ look, reducedMotion: true });
  const seen = [];
  for (const mood of Object.keys(MOODS)) for (const shape of Object.keys(VISEMES)) {
    face.setMood(mood); face.viseme(shape);
    await frames(2);
    const names = ["upper", "lower", "inside", "line", "browL", "browR", "hole", "teeth"];
    seen.push({ mood, shape, paths: names.map(d), blush: Number(part("blush").getAttribute("opacity")) });
  }
  return seen;
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser_page("/demo/face.html?look=mio&mood=calm") as opened:
        opened.evaluate(SETUP)
        yield opened


@pytest.mark.parametrize("look", ["mio", "sora"])
def test_every_mood_and_mouth_shape_looks_different(page: Page, look: str) -> None:
    seen: list[dict[str, Any]] = page.evaluate(EVERY, look)
    assert len(seen) == 9 * 9
    assert len({tuple(one["paths"]) for one in seen}) == len(seen)
    assert not any("NaN" in path or "undefined" in path for one in seen for path in one["paths"])


def numbers(path: str) -> list[float]:
    return [float(n) for n in "".join(c if c in "-.0123456789" else " " for c in path.replace("-", " -")).split()]


@pytest.mark.parametrize("look", ["mio", "sora"])
def test_a_grave_or_concerned_face_never_smiles(page: Page, look: str) -> None:
    seen = {(one["mood"], one["shape"]): one for one in page.evaluate(EVERY, look)}
    shapes = {shape for _, shape in seen}
    for mood in ("grave", "concerned"):
        for shape in shapes:
            line = numbers(seen[mood, shape]["paths"][3])
            left, middle, right = line[1], line[7], line[-1]  # y grows downwards
            friendly = numbers(seen["warm", shape]["paths"][3])[1]
            assert left == right > friendly + 0.9, (mood, shape)
            assert left > middle, (mood, shape)
            assert seen[mood, shape]["blush"] == 0, (mood, shape)
    for mood in ("warm", "happy"):
        line = numbers(seen[mood, "sil"]["paths"][3])
        assert line[1] < line[7] - 3, "a smile does turn the corners up"


def test_the_tables_of_moods_hold_no_smile_for_grave_ones(page: Page) -> None:
    grave = page.evaluate(
        """async () => {
          const { MOODS, GRAVE } = await import("/widget/face/expressions.js");
          return GRAVE.map((mood) => MOODS[mood]);
        }"""
    )
    for mood in grave:
        assert mood["corner"] < 0
        assert not {"squint", "blush", "part"} & set(mood)


def test_a_mouth_shape_is_reached_in_time(page: Page) -> None:
    took = page.evaluate(
        """async () => {
          const { face, d } = fresh({ reducedMotion: false });
          await rest(600);
          const start = performance.now();
          face.viseme("a");
          let last = d("inside"), at = 0;
          while (performance.now() - start < 400) {
            await frames(1);
            if (d("inside") !== last) { last = d("inside"); at = performance.now() - start; }
          }
          return at;
        }"""
    )
    assert 30 < took < 200, took  # 70 ms where the machine has time


def test_a_timeline_ends_once_and_closes_the_mouth(page: Page) -> None:
    result = page.evaluate(
        """async () => {
          const { face, d } = fresh({ reducedMotion: false });
          await rest(500);
          const shut = d("inside");
          const line = { t: [0, 0.15, 0.3], d: [0.15, 0.15, 0.15], v: ["a", "o", "i"] };
          const ends = [];
          const zero = performance.now();
          const clock = () => (performance.now() - zero) / 1000;
          const first = face.playTimeline(line, clock).then((how) => ends.push("first " + how));
          await rest(120);
          const open = d("inside");
          const second = face.playTimeline(line, clock).then((how) => ends.push("second " + how));
          await Promise.all([first, second]);
          face.stopTimeline();
          const empty = await face.playTimeline({ t: [], d: [], v: [] }, clock);
          await rest(250);
          return { ends, empty, moved: open !== shut, closed: d("inside") === shut };
        }"""
    )
    assert result["ends"] == ["first stopped", "second done"]
    assert result["empty"] == "done"
    assert result["moved"]
    assert result["closed"]


def test_stopping_closes_the_mouth_within_150_ms(page: Page) -> None:
    took = page.evaluate(
        """async () => {
          const { face, d } = fresh({ reducedMotion: false });
          await rest(600);
          const shut = d("inside");
          const zero = performance.now();
          const end = face.playTimeline({ t: [0], d: [9], v: ["a"] }, () => (performance.now() - zero) / 1000);
          await rest(400);
          const start = performance.now();
          face.stopTimeline();
          if (await end !== "stopped") throw new Error("no ending");
          while (d("inside") !== shut && performance.now() - start < 1000) await frames(1);
          return performance.now() - start;
        }"""
    )
    assert took < 150, took


def test_a_clock_that_stops_does_not_keep_the_timeline_open(page: Page) -> None:
    assert page.evaluate("fresh({}).face.playTimeline({ t: [0], d: [9], v: ['a'] }, () => 1)") == "stopped"


def test_reduced_motion_is_a_still_face_that_still_changes_expression(page: Page) -> None:
    result = page.evaluate(
        """async () => {
          const { face, d, changes } = fresh({ reducedMotion: true });
          await rest(300);
          const quiet = await changes(1200);
          const before = d("browL") + d("line");
          const zero = performance.now();
          const end = face.playTimeline({ t: [0], d: [0.4], v: ["a"] }, () => (performance.now() - zero) / 1000);
          face.nod();
          const speaking = await changes(300);
          const how = await end;
          face.setMood("concerned");
          await frames(2);
          return { quiet, speaking, how, changed: d("browL") + d("line") !== before };
        }"""
    )
    assert result == {"quiet": 0, "speaking": 0, "how": "done", "changed": True}


def test_the_visitors_own_setting_for_motion_is_followed(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    still = page.evaluate("(async () => { const one = fresh({}); await rest(300); return one.changes(1000); })()")
    page.emulate_media(reduced_motion="no-preference")
    alive = page.evaluate("(async () => { const one = fresh({}); await rest(300); return one.changes(1500); })()")
    assert still == 0
    assert alive > 0


def test_nothing_is_drawn_while_nobody_can_see_it(page: Page) -> None:
    result = page.evaluate(
        """async () => {
          const { face, host, changes } = fresh({ reducedMotion: false });
          await rest(300);
          const seen = await changes(1200);
          host.style.marginTop = "4000px";
          await rest(300);
          const below = await changes(1200);
          host.style.marginTop = "0";
          await rest(200);
          const back = await changes(1200);
          Object.defineProperty(document, "hidden", { value: true, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
          await rest(100);
          const zero = performance.now();
          const clock = () => (performance.now() - zero) / 1000;
          const ended = face.playTimeline({ t: [0], d: [0.4], v: ["a"] }, clock);
          const hidden = await changes(1200);
          if (await ended !== "done") throw new Error("the timeline has to end unseen as well");
          delete document.hidden;
          document.dispatchEvent(new Event("visibilitychange"));
          await rest(100);
          const shown = await changes(1500);
          return { seen: seen > 0, below, back: back > 0, hidden, shown: shown > 0 };
        }"""
    )
    assert result == {"seen": True, "below": 0, "back": True, "hidden": 0, "shown": True}


def test_the_eyes_go_to_what_is_pointed_at(page: Page) -> None:
    result = page.evaluate(
        """async () => {
          const { face, part, host } = fresh({ reducedMotion: true });
          const thing = document.createElement("p");
          thing.style.cssText = "position:fixed;right:0;top:0;width:20px;height:20px";
          document.body.append(thing);
          const x = () => Number(part("irisR").getAttribute("transform").match(/-?[\\d.]+/)[0]);
          await frames(3);
          const before = x();
          face.lookAt(thing); await frames(3);
          const there = x();
          face.lookAt(null); await frames(3);
          thing.remove();
          return [before, there, x()];
        }"""
    )
    assert result[1] > result[0] + 2
    assert result[2] == result[0]


HOSTILE = '"><img src=x onerror="window.hit=1"><script>window.hit=1</script>'


def test_hostile_strings_are_inert(page: Page) -> None:
    result = page.evaluate(
        """async (bad) => {
          const { host, face } = fresh({ look: bad, label: bad, reducedMotion: true });
          for (const word of [bad, "__proto__", "constructor", "toString", "", null]) {
            face.setMood(word);
            face.setPose(word);
            face.viseme(word);
          }
          const moving = fresh({ reducedMotion: false }).face;
          const zero = performance.now();
          const clock = () => (performance.now() - zero) / 1000;
          await moving.playTimeline({ t: [0, 0.1], d: [0.1, 0.1], v: [bad, "__proto__"] }, clock);
          document.getElementById("gallery").replaceChildren(host);
          const svg = host.querySelector("svg");
          const odd = (a) => /NaN|undefined|^on/.test(a.name + a.value.replace(bad, ""));
          return {
            hit: window.hit ?? null, label: svg.getAttribute("aria-label"), role: svg.getAttribute("role"),
            foreign: host.querySelectorAll("img,script,foreignObject").length,
            bad: [...host.querySelectorAll("*")].some((e) => [...e.attributes].some(odd)),
          };
        }""",
        HOSTILE,
    )
    assert result == {"hit": None, "label": HOSTILE, "role": "img", "foreign": 0, "bad": False}


def test_without_a_label_the_picture_is_decoration_and_destroy_leaves_nothing(page: Page) -> None:
    result = page.evaluate(
        """async () => {
          const { host, face } = fresh({});
          const hidden = host.querySelector("svg").getAttribute("aria-hidden");
          face.destroy();
          face.setMood("happy"); face.nod(); face.stopTimeline();
          await rest(200);
          return [hidden, host.childElementCount];
        }"""
    )
    assert result == ["true", 0]


def test_a_site_can_change_every_documented_colour(page: Page) -> None:
    missing = page.evaluate(
        """async () => {
          const { VARIABLES } = await import("/widget/face/looks.js");
          const { host } = fresh({});
          return Object.keys(VARIABLES).filter((name) => !host.innerHTML.includes(`var(${name},`));
        }"""
    )
    assert missing == []
