// React: mount it once, near the root. The widget lives outside React's tree, so nothing is rendered here.
//   <AssistantWidget host="https://HOST" locale="ja" context={{ cart: "3 items" }} onEvent={(name, detail) => …} />
import { useEffect } from "react";

const EVENTS = ["ready", "open", "close", "message", "handoff", "agent", "unread", "connection"];

export function AssistantWidget({ host, locale, mode = "bubble", context, ticket, onEvent }) {
  useEffect(() => {
    if (document.querySelector("omotenashi-widget")) return;
    const script = document.createElement("script");
    Object.assign(script, { type: "module", src: `${host}/widget.js` });
    Object.assign(script.dataset, { locale, mode });
    document.head.append(script);
  }, [host, locale, mode]);

  useWhenAvailable((api) => context && api.context(context), [context]);
  useWhenAvailable((api) => ticket && api.identify(ticket), [ticket]);
  useWhenAvailable((api) => {
    const undo = EVENTS.map((name) => api.on(name, (detail) => onEvent?.(name, detail)));
    return () => undo.forEach((off) => off());
  }, [onEvent]);
  return null;
}

/** Runs an effect with `window.Omotenashi`, now or once the script has come. */
function useWhenAvailable(effect, deps) {
  useEffect(() => {
    let undo;
    const run = () => (undo = effect(window.Omotenashi));
    if (window.Omotenashi) run();
    else document.addEventListener("omotenashi:available", run, { once: true });
    return () => {
      document.removeEventListener("omotenashi:available", run);
      if (typeof undo === "function") undo();
    };
  }, deps);
}
