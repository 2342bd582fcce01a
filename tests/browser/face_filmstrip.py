"""Draws `docs/filmstrip.png`: one spoken sentence, frame by frame.

Run: `python -m tests.browser.face_filmstrip [target.png]`.
"""

import io
import sys
from pathlib import Path

from PIL import Image

from tests.browser.face_site import browser_page

SENTENCE = "カードの利用を止めました。ご安心ください。"
SPOKEN = "かーどのりようをとめました。ごあんしんください。"
SHOWN = [0, 2, 4, 6, 8, 9, 11, 12, 14, 15]  # which of its characters get a picture

DRAW = """async ({ spoken, sentence, shown }) => {
  const { createFace } = await import("/widget/face/face.js");
  const { estimate } = await import("/widget/voice/morae.js");
  // The same glances every time.
  let seed = 7;
  Math.random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const line = estimate(spoken, "ja");
  const gallery = document.getElementById("gallery");
  gallery.replaceChildren();
  gallery.style.cssText = "display:grid;grid-template-columns:repeat(5,150px);gap:8px;width:max-content;padding:10px";
  for (const index of shown) {
    const sound = line.at.lastIndexOf(index);
    const at = line.t[sound] + Math.min(line.d[sound] / 2, 0.03);
    const figure = document.createElement("figure");
    const box = document.createElement("div");
    const caption = document.createElement("figcaption");
    caption.textContent = `${spoken[index]}  ${at.toFixed(2)} s`;
    figure.append(box, caption);
    gallery.append(figure);
    const face = createFace(box, { look: "mio", reducedMotion: false });
    face.setMood("speaking");
    face.setPose("speaking");
    // The clock runs up to the moment and stays there.
    const zero = performance.now() + 900;
    face.playTimeline(line, () => Math.min(at, (performance.now() - zero) / 1000));
  }
  const words = document.createElement("figcaption");
  words.textContent = sentence;
  words.style.cssText = "grid-column:1/-1;font-size:17px;text-align:center";
  gallery.prepend(words);
  return line;
}"""


def main(target: Path) -> None:
    with browser_page("/demo/face.html?look=mio&mood=speaking&size=148", device_scale_factor=1.35, locale="ja") as page:
        line = page.evaluate(DRAW, {"spoken": SPOKEN, "sentence": SENTENCE, "shown": SHOWN})
        page.wait_for_timeout(3600)  # past the last moment, before the face decides that the clock has stopped
        target.parent.mkdir(parents=True, exist_ok=True)
        picture = Image.open(io.BytesIO(page.locator("#gallery").screenshot()))
    picture.convert("RGB").quantize(256, kmeans=4, dither=Image.Dither.NONE).save(target, optimize=True)
    for t, d, v in zip(line["t"], line["d"], line["v"], strict=True):
        print(f"{t:5.2f} {d:4.2f} {v}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/filmstrip.png"))
