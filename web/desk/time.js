// @ts-check
/** Times as people at a desk read them. */

/** @param {number} ms @param {string} locale e.g. 45秒, 3分, 1時間05分 */
export function span(ms, locale) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const ja = locale === "ja";
  if (seconds < 60) return ja ? `${seconds}秒` : `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return ja ? `${minutes}分` : `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return ja ? `${hours}時間${pad(minutes % 60)}分` : `${hours}h ${pad(minutes % 60)}m`;
  return ja ? `${Math.floor(hours / 24)}日` : `${Math.floor(hours / 24)}d`;
}

/** A clock that runs: 2:05, −0:30. @param {number} ms */
export function countdown(ms) {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const hours = Math.floor(seconds / 3600);
  const rest = `${hours ? `${hours}:${pad(Math.floor(seconds / 60) % 60)}` : Math.floor(seconds / 60)}:${pad(seconds % 60)}`;
  return ms < 0 ? `−${rest}` : rest;
}

/** @param {string} at ISO 8601 @param {string} locale */
export function when(at, locale) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return String(at);
  const today = date.toDateString() === new Date().toDateString();
  const time = date.toLocaleTimeString(locale, { hour: "numeric", minute: "2-digit" });
  return today ? time : `${date.toLocaleDateString(locale, { month: "short", day: "numeric", weekday: "short" })} ${time}`;
}

/** @param {number} n */
function pad(n) {
  return String(n).padStart(2, "0");
}
