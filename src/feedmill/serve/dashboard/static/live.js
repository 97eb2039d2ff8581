// Shows a page as it is now when the server says that something changed. Without this the page is all there, too.
"use strict";
(() => {
  const events = document.currentScript.dataset.events;
  const status = document.getElementById("live");
  if (!window.EventSource || !window.fetch || !document.querySelector("[data-live]")) return;

  // What the server sent for each part: a part that says the same is left alone, with all that somebody did to it.
  const sent = new Map();
  const parts = (page) => [...page.querySelectorAll("[data-live]")];
  const remember = (page) => { for (const part of parts(page)) sent.set(part.id, part.outerHTML); };
  let busy = false, again = false;

  function replace(part, fresh) {
    const focus = part.contains(document.activeElement) ? document.activeElement : null;
    const place = focus && [...part.querySelectorAll("a, button, summary, input")].indexOf(focus);
    const open = [...part.querySelectorAll("details[open][id]")].map((one) => one.id);
    const node = document.importNode(fresh, true);
    for (const id of open) node.querySelector(`details[id="${CSS.escape(id)}"]`)?.setAttribute("open", "");
    part.replaceWith(node);
    if (!focus) return;
    const address = focus.getAttribute("href");
    const same = address && [...node.querySelectorAll("a")].find((one) => one.getAttribute("href") === address);
    (same || node.querySelectorAll("a, button, summary, input")[place])?.focus({ preventScroll: true });
  }

  async function show() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { redirect: "manual" });
      if (answer.type === "opaqueredirect") { location.reload(); return; }  // the session has ended
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = parts(page), before = parts(document);
      const [x, y] = [scrollX, scrollY];
      if (fresh.map((one) => one.id).join() === before.map((one) => one.id).join()) {
        before.forEach((part, index) => {
          if (sent.get(part.id) !== fresh[index].outerHTML) replace(part, fresh[index]);
        });
      } else {
        document.querySelector("main").replaceWith(document.importNode(page.querySelector("main"), true));
      }
      sent.clear();
      remember(page);
      scrollTo(x, y);
      const clock = page.querySelector("footer time"), shown = document.querySelector("footer time");
      if (clock && shown) shown.replaceWith(document.importNode(clock, true));
    } catch { /* the stream says when the server is there again */ } finally {
      busy = false;
      if (again) { again = false; show(); }
    }
  }

  function say(words) { status.hidden = false; status.textContent = words; }

  remember(document);
  const stream = new EventSource(events);
  let lost = false;
  stream.addEventListener("ready", () => { say("· live"); if (lost) show(); lost = false; });
  stream.addEventListener("changed", () => { if (document.hidden) again = true; else show(); });
  stream.addEventListener("error", () => { lost = true; say("· not connected"); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && again) { again = false; show(); } });
  addEventListener("pagehide", () => stream.close());
})();
