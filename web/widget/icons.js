// @ts-check
/** Line icons on a 24 grid, drawn with the text's colour. */
import { s } from "../shared/dom.js";

/** @type {Record<string, string>} */
const PATHS = {
  send: "M5 12h13M12.500 5.500 19 12l-6.500 6.500",
  stop: "M8 8h8v8H8z",
  close: "M6 6l12 12M18 6 6 18",
  menu: "M5 7h14M5 12h14M5 17h14",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20c.7-3.600 3.700-5.500 7.500-5.500s6.800 1.900 7.500 5.500",
  down: "M12 5v13M6 12.500l6 6 6-6",
  up: "M7.500 11v8.500h-3V11zM7.500 11l3.500-7c1.700 0 2.500 1.200 2.200 2.800L12.700 9.500h5c1.500 0 2.300 1.200 2 2.600l-1.200 5.600c-.3 1.200-1 1.800-2.200 1.800H7.500",
  mail: "M4 6h16v12H4zM4.500 6.500 12 13l7.500-6.500",
  phone: "M6.500 4h3l1.500 4-2 1.500a10 10 0 0 0 5.500 5.500l1.500-2 4 1.500v3c0 1-.8 1.800-1.800 1.700C11.500 18.800 5.200 12.500 4.800 5.800 4.700 4.800 5.500 4 6.500 4Z",
  copy: "M9 9h10v10H9zM5 15V5h10",
  again: "M19 12a7 7 0 1 1-2.100-5M19 4v4h-4",
  check: "M5 12.500l4.500 4.500L19 7",
  alert: "M12 4 3 19.500h18zM12 10v4M12 16.800v.2",
  open: "M13 5h6v6M19 5l-8 8M17 14v5H5V7h5",
  mic: "M12 14a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3ZM6 11a6 6 0 0 0 12 0M12 17v3",
  voice: "M5 10v4h3l4 3.500v-11L8 10zM15.500 9.500a4 4 0 0 1 0 5M17.800 7a7.500 7.500 0 0 1 0 10",
};

/** @param {string} name @returns {SVGElement} */
export function icon(name) {
  const turned = name === "bad" ? { transform: "rotate(180 12 12)" } : {};
  const d = PATHS[name === "good" || name === "bad" ? "up" : name];
  return s("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, s("path", { d, ...turned }));
}
