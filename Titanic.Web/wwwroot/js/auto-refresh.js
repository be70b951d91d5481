// Refreshes the content of a page that has an element with data-refresh-seconds, while the tab is visible. Only what has changed is replaced,
// so that scroll position, focus, selected text, typed input and opened details are kept. The element shows when the content was updated, and a
// button to pause. Elements with [data-keep], forms and figures are not changed; a script that has changed the content
// after loading listens to the event "content-refreshed" of the document.
(() => {
  const main = document.querySelector("main");
  const status = main.querySelector("[data-refresh-seconds]");
  if (!status) return;
  const interval = 1000 * Number(status.dataset.refreshSeconds);
  const text = document.createElement("span");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-link btn-sm" });
  let updatedAt = Date.now(), failedAt = null, isPaused = false, isLoading = false, etag = null, timer = null;

  function age() {
    const seconds = Math.round((Date.now() - updatedAt) / 1000);
    return seconds < 120 ? `${seconds}\u00a0s` : `${Math.floor(seconds / 60)}\u00a0min`;
  }

  function show() {
    const time = (milliseconds) => `${new Date(milliseconds).toISOString().slice(11, 19)}\u00a0UTC`;
    text.textContent = failedAt ? `Update failed at ${time(failedAt)}, trying again. Shown: ${time(updatedAt)}.` : `Updated ${age()} ago.`;
    text.className = failedAt ? "text-danger" : "";
    button.textContent = isPaused ? "Resume updates" : "Pause updates";
  }

  const kind = (node) => [node.nodeName, node.id, node.getAttribute?.("aria-labelledby"), node.dataset?.state, node.dataset?.pipeline].join("|");

  function update(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    if (old.matches("[data-keep], form, figure")) return;
    if (old.matches("time.utc-time")) {
      if (old.dateTime !== fresh.dateTime) old.replaceWith(fresh);
      return;
    }
    for (const { name, value } of fresh.attributes) if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
    for (const { name } of [...old.attributes]) if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
    updateChildren(old, fresh);
  }

  function updateChildren(old, fresh) {
    const children = [...fresh.childNodes];
    let next = old.firstChild;
    children.forEach((child, index) => {
      const following = children.slice(index).map(kind);
      while (next && !following.includes(kind(next))) {
        const gone = next;
        next = next.nextSibling;
        gone.remove();
      }
      if (next && kind(next) === kind(child)) {
        const match = next;
        next = next.nextSibling;
        update(match, child);
      } else {
        old.insertBefore(child, next);
      }
    });
    while (next) {
      const gone = next;
      next = next.nextSibling;
      gone.remove();
    }
  }

  function replaceContent(fresh) {
    const sources = (root) => [...root.querySelectorAll("script[src]")].map((script) => script.getAttribute("src"));
    if (sources(fresh).some((source) => !sources(document).includes(source))) {
      location.reload(); // a script of a new part of the page must be executed
      return;
    }
    updateChildren(main, fresh);
    document.dispatchEvent(new Event("content-refreshed"));
  }

  async function refresh() {
    isLoading = true;
    try {
      const response = await fetch(location.href, { headers: { Accept: "text/html", ...(etag && { "If-None-Match": etag }) }, cache: "no-store" });
      if (response.status !== 304) {
        const fresh = response.ok && new DOMParser().parseFromString(await response.text(), "text/html").querySelector("main");
        if (!fresh?.querySelector("[data-refresh-seconds]")) throw new Error(`Status ${response.status}`);
        replaceContent(fresh);
        etag = response.headers.get("ETag");
      }
      [updatedAt, failedAt] = [Date.now(), null];
    } catch {
      failedAt = Date.now(); // the site is not reachable, for example during a restart: the content is kept
    }
    isLoading = false;
    show();
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    if (isPaused || isLoading || document.hidden) return;
    timer = setTimeout(refresh, Math.max(0, (failedAt ?? updatedAt) + interval - Date.now()));
  }

  button.addEventListener("click", () => {
    isPaused = !isPaused;
    show();
    schedule();
  });
  document.addEventListener("visibilitychange", schedule);
  setInterval(() => document.hidden || show(), 1000);
  status.append(text, " ", button);
  status.hidden = false;
  show();
  schedule();
})();
