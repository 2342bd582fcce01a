// @ts-check
/** Owns how long a number is when it is said: rough readings, for lips only. Sound changes (さんびゃく) do not matter here. */

const KANA = ["ぜろ", "いち", "に", "さん", "よん", "ご", "ろく", "なな", "はち", "きゅう"];
const SMALL_JA = ["", "じゅう", "ひゃく", "せん"];
const BIG_JA = ["", "まん", "おく", "ちょう"];
const ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" ");
const TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const BIG_EN = ["", "thousand", "million", "billion"];

/** A telephone or card number is said digit by digit. @param {string} digits */
const spelled = (digits) => /^0\d|-/.test(digits) || digits.replace(/\D/g, "").length > 12;

/** @param {string} text @param {number} size @returns {string[]} groups of digits, the lowest first */
function groups(text, size) {
  const parts = [];
  for (let end = text.length; end > 0; end -= size) parts.push(text.slice(Math.max(0, end - size), end));
  return parts;
}

/** @param {string} token digits with , . or - @returns {string} hiragana */
export function numberJa(token) {
  const digits = (/** @type {string} */ text) => [...text].map((c) => (c === "-" ? "の" : KANA[Number(c)] ?? "")).join("");
  if (spelled(token)) return digits(token);
  const [whole, fraction] = token.replace(/,/g, "").split(".");
  let said = "";
  groups(whole, 4).forEach((group, rank) => {
    let part = "";
    [...group].reverse().forEach((c, place) => {
      const n = Number(c);
      if (n) part = (n === 1 && place ? "" : KANA[n]) + SMALL_JA[place] + part;
    });
    if (part) said = part + BIG_JA[rank] + said;
  });
  return (said || KANA[0]) + (fraction ? `てん${digits(fraction)}` : "");
}

/** @param {string} token digits with , . or - @returns {string[]} words */
export function numberEn(token) {
  const digits = (/** @type {string} */ text) => [...text].filter((c) => c >= "0" && c <= "9").map((c) => ONES[Number(c)]);
  if (spelled(token)) return digits(token);
  const [whole, fraction] = token.replace(/,/g, "").split(".");
  /** @type {string[]} */
  let said = [];
  groups(whole, 3).forEach((group, rank) => {
    const n = Number(group);
    if (!n) return;
    const below = n % 100;
    const words = n >= 100 ? [ONES[Math.floor(n / 100)], "hundred"] : [];
    if (below >= 20) words.push(TENS[Math.floor(below / 10)], ...(below % 10 ? [ONES[below % 10]] : []));
    else if (below) words.push(ONES[below]);
    said = [...words, BIG_EN[rank], ...said].filter(Boolean);
  });
  return [...(said.length ? said : ["zero"]), ...(fraction ? ["point", ...digits(fraction)] : [])];
}
