// @ts-check
/** The door: name and password, and a plain sentence when it stays shut. */
import { h } from "../shared/dom.js";
import { icon } from "./icons.js";

/** @param {{api: import("./api.js").Api, t: import("../shared/i18n.js").Translate, again: boolean, locale: string,
 *   enter(me: any): void, speak(locale: string): void}} options */
export function signIn({ api, t, again, locale, enter, speak }) {
  const login = h("input", { id: "login", name: "login", autocomplete: "username", autocapitalize: "none", spellcheck: "false", required: true });
  const password = h("input", { id: "password", name: "password", type: "password", autocomplete: "current-password", required: true });
  const why = h("p", { class: "why", role: "alert" }, again ? t("sessionEnded") : "");
  const button = h("button", { type: "submit", class: "solid" }, t("signIn"));
  const form = h("form", { class: "door" },
    h("div", { class: "mark" }, icon("hands")), h("h1", null, t("product")), h("p", { class: "soft" }, t("doorLead")),
    h("label", { for: "login" }, t("login")), login, h("label", { for: "password" }, t("password")), password, why, button,
    h("button", { type: "button", class: "quiet", lang: locale === "ja" ? "en" : "ja", onclick: () => speak(locale === "ja" ? "en" : "ja") }, locale === "ja" ? "English" : "日本語"));
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    button.disabled = true;
    why.textContent = "";
    try {
      enter(await api.post("sign-in", { login: login.value.trim(), password: password.value }));
    } catch (error) {
      const { status, message } = /** @type {any} */ (error);
      why.textContent = status === 0 ? t("unreachable") : status === 429 ? message || t("tooMany") : status === 401 ? t("wrong") : message || t("unreachable");
      button.disabled = false;
      password.select();
    }
  });
  document.title = t("product");
  document.body.replaceChildren(h("main", { class: "doorway" }, form));
  login.focus();
}
