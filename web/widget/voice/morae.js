// @ts-check
/**
 * Owns the estimate of what lips do for a text when the voice gives no timing: Japanese by morae, English by syllables.
 * It has no dictionary: kanji get an average number of morae. Exact timelines come from a server voice instead.
 */
import { numberEn, numberJa } from "./numbers.js";

/**
 * @typedef {{t: number[], d: number[], v: string[], at: number[], length: number}} Estimate starts and durations in seconds, shapes,
 *   the UTF-16 index in the text each belongs to, and the length of all in seconds
 */

const MORA = 0.135;
const LIPS = 0.05; // closing for m, b, p, or the teeth for f
const TOUCH = 0.04; // the tongue passing between two equal vowels
const SYLLABLE = 0.17;

const ROWS = {
  a: "あかさたなはまやらわがざだばぱぁゃゎ",
  i: "いきしちにひみりゐぎじぢびぴぃ",
  u: "うくすつぬふむゆるぐずづぶぷぅゅゔ",
  e: "えけせてねへめれゑげぜでべぺぇ",
  o: "おこそとのほもよろをごぞどぼぽぉょ",
};
/** @type {Map<string, string>} */
const VOWEL = new Map(Object.entries(ROWS).flatMap(([vowel, row]) => [...row].map((kana) => [kana, vowel])));
const SMALL = "ぁぃぅぇぉゃゅょゎ";
const LABIAL = "まみむめもばびぶべぼぱぴぷぺぽ";
const FIRST = "aoiuaeoiuaoe"; // how often each vowel opens a reading of a kanji
const SECOND = ["i", "u", "N", "i", "u", "u", "N", "a"]; // イ ウ ン キ ク ツ ン
const PAUSE = { short: 0.22, long: 0.42 };
const TOKEN = /[0-9０-９]+(?:[,，.．\-－][0-9０-９]+)*|[A-Za-zＡ-Ｚａ-ｚ]+(?:['’][a-z]+)?|[、,，;；:：・…—–「」『』()（）]|[。.．!！?？\n]+|\s+|[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}ー〜～々〆ヶ]+|./gsu;
const LETTERS = /** @type {Record<string, string>} */ ({
  a: "e", b: "Pi", c: "i", d: "i", e: "i", f: "eF", g: "i", h: "e", i: "ai", j: "e", k: "e", l: "e", m: "eP", n: "e", o: "o", p: "Pi",
  q: "u", r: "a", s: "e", t: "i", u: "u", v: "Fi", w: "au", x: "e", y: "ai", z: "i",
});

/** @param {number} rate */
function builder(rate) {
  /** @type {Estimate} */
  const line = { t: [], d: [], v: [], at: [], length: 0 };
  return {
    line,
    /** @param {string} shape @param {number} seconds @param {number} at */
    add(shape, seconds, at) {
      const n = line.v.length - 1;
      const span = seconds / rate;
      if (shape === "sil" && line.v[n] === "sil") line.d[n] += span;
      else {
        line.t.push(line.length);
        line.d.push(span);
        line.v.push(shape);
        line.at.push(at);
      }
      line.length += span;
    },
    /** @returns {string | undefined} the shape the lips are in */
    last: () => line.v[line.v.length - 1],
  };
}

/** @typedef {ReturnType<typeof builder>} Builder */

/** @param {string} character @returns {string} hiragana for katakana, full width for half width */
function hiragana(character) {
  const wide = character.normalize("NFKC");
  const code = wide.charCodeAt(0);
  return code >= 0x30a1 && code <= 0x30f4 ? String.fromCharCode(code - 0x60) : wide;
}

/** @param {Builder} out @param {string} text kana, or anything that is to be guessed at @param {number} at @param {boolean} inPlace each character has its own index */
function sayKana(out, text, at, inPlace) {
  const kana = [...text].map(hiragana);
  let index = at;
  kana.forEach((mora, i) => {
    const vowel = VOWEL.get(mora);
    const next = kana[i + 1] ?? "";
    const merged = SMALL.includes(next) ? (VOWEL.get(next) ?? "") : "";
    if (vowel && !SMALL.includes(mora)) {
      const shape = merged || vowel;
      let rest = MORA;
      if (LABIAL.includes(mora)) { out.add("cl", LIPS, index); rest -= LIPS; }
      else if (mora === "ふ" || mora === "ゔ") { out.add("FF", LIPS, index); rest -= LIPS; }
      else if (mora === "わ") { out.add("u", LIPS, index); rest -= LIPS; }
      else if (out.last() === shape && !"あいうえお".includes(mora)) { out.add("N", TOUCH, index); rest -= TOUCH; }
      out.add(shape, rest, index);
    } else if (mora === "ん") out.add("N", MORA, index);
    else if (mora === "っ") out.add(next && LABIAL.includes(next) ? "cl" : "N", MORA * 0.9, index);
    else if (mora === "ー" || mora === "〜" || mora === "～") out.add(out.last() ?? "a", MORA * 0.9, index);
    else if (/[\p{Script=Han}々〆ヶ]/u.test(mora)) sayKanji(out, mora, index);
    if (inPlace) index += mora.length;
  });
}

/** @param {Builder} out @param {string} kanji @param {number} at */
function sayKanji(out, kanji, at) {
  const h = Math.imul(kanji.codePointAt(0) ?? 0, 2654435761) >>> 8;
  out.add(FIRST[h % FIRST.length], MORA, at);
  if (h % 100 >= 25) out.add(SECOND[(h >>> 4) % SECOND.length], MORA, at);
}

/** @param {Builder} out @param {string} letters */
function spell(out, letters, /** @type {number} */ at) {
  for (const letter of letters.toLowerCase()) {
    for (const sound of LETTERS[letter] ?? "") out.add(sound === "P" ? "cl" : sound === "F" ? "FF" : sound, "PF".includes(sound) ? LIPS : SYLLABLE, at);
  }
}

/** @param {string} group the letters of one vowel sound */
const vowelEn = (group) => (/^(ee|ea|ie|i|y|ey|ei)$/.test(group) ? "i" : /^(oo|ou|u|ew|ue|ui)$/.test(group) ? "u" : /^(o|oa|ow|au|oe|oi|oy)$/.test(group) ? "o" : /^a$/.test(group) ? "a" : "e");

/** @param {Builder} out @param {string} word @param {number} at */
function sayEnglish(out, word, at) {
  const bare = word.toLowerCase().replace(/['’]/g, "").replace(/([aeiouy][^aeiouy]+)e$/, "$1").replace(/([^aeiouylr])ed$/, "$1d");
  for (const [piece] of bare.matchAll(/[aeiouy]+|[^aeiouy]+/g)) {
    if (/[aeiouy]/.test(piece)) {
      const shape = vowelEn(piece);
      if (out.last() === shape) out.add("N", TOUCH, at);
      out.add(shape, SYLLABLE * (piece.length > 1 ? 1.1 : 1), at);
    } else if (/[bmp]/.test(piece)) out.add("cl", LIPS + 0.02 * (piece.length - 1), at);
    else if (/[fv]|ph/.test(piece)) out.add("FF", LIPS + 0.02, at);
    else if (/^w/.test(piece)) out.add("u", LIPS, at);
    else if (piece.length > 1) out.add("N", TOUCH + 0.02 * piece.length, at);
  }
}

/**
 * The mouth timeline of a text.
 * @param {string} text what will be said @param {string} locale "ja…" or "en…" @param {number} [rate] 1 = ordinary speed
 * @returns {Estimate}
 */
export function estimate(text, locale, rate = 1) {
  const out = builder(rate);
  const japanese = locale.startsWith("ja");
  for (const match of text.matchAll(TOKEN)) {
    const token = match[0];
    const at = match.index ?? 0;
    if (/^[0-9０-９]/.test(token)) {
      const digits = token.normalize("NFKC");
      if (japanese) sayKana(out, numberJa(digits), at, false);
      else for (const word of numberEn(digits)) sayEnglish(out, word, at);
    } else if (/^[A-Za-zＡ-Ｚａ-ｚ]/.test(token)) {
      const word = token.normalize("NFKC");
      if (word.length < 6 && word === word.toUpperCase() && !/^[AI]$/.test(word)) spell(out, word, at);
      else sayEnglish(out, word, at);
    } else if (/^[。.．!！?？\n]/.test(token)) out.add("sil", PAUSE.long, at);
    else if (/^[、,，;；:：…—–]/.test(token)) out.add("sil", PAUSE.short, at);
    else if (token === "%" || token === "％") { if (japanese) sayKana(out, "ぱーせんと", at, false); else sayEnglish(out, "percent", at); }
    else sayKana(out, token, at, true);
  }
  return out.line;
}

/** @param {Estimate} line @param {number} index UTF-16 index in its text @returns {number} seconds at which that place is said */
export function timeAt(line, index) {
  let i = line.at.findIndex((at) => at >= index);
  if (i < 0) i = line.at.length;
  return line.t[i] ?? line.length;
}

/** @param {Estimate} line @param {string} text @param {number} seconds @returns {number} code points of the text said by then */
export function heardBy(line, text, seconds) {
  if (seconds >= line.length) return [...text].length;
  let i = 0;
  while (i < line.t.length && line.t[i] + line.d[i] <= seconds) i += 1;
  return [...text.slice(0, line.at[i] ?? 0)].length;
}
