// @ts-check
/** Words of the interface: `{name}` places in plain strings, and numbers, times and intervals as a reader writes them. */

/** @typedef {(key: string, values?: Record<string, string | number>) => string} Translate */

/** @param {Record<string, string>} strings @returns {Translate} an unknown key shows itself, so that a test finds it */
export function translator(strings) {
  return (key, values = {}) => (strings[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {string | null | undefined} wanted BCP 47 @returns {"ja" | "en"} */
export function pickLocale(wanted) {
  return String(wanted ?? "").toLowerCase().startsWith("ja") ? "ja" : "en";
}

/** @param {string} at ISO 8601 @param {string} locale */
export function clock(at, locale) {
  return new Date(at).toLocaleTimeString(locale, { hour: "numeric", minute: "2-digit" });
}

/** @param {string} at ISO 8601 @param {string} locale */
export function day(at, locale) {
  return new Date(at).toLocaleDateString(locale, { month: "long", day: "numeric", weekday: "short" });
}
