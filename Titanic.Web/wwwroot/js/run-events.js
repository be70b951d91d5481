// Shows a queued or running run as it proceeds: appends the lines of its log, and replaces the parts of the page that have changed, as the
// server renders them. Without scripts, a meta refresh reloads the page instead.
(() => {
  const state = document.getElementById("run-state");
  const table = document.getElementById("run-log");
  const updates = document.getElementById("run-updates");
  const retryInMilliseconds = 5000;
  let isLoading = false, isChanged = false, hasEnded = false, address = new URL(state.dataset.events, location.href);
  const shown = new Map([...state.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, versionOf(part)]));

  // A form has another token in each response, so that its part has a version instead.
  function versionOf(part) {
    return part.dataset.version ?? part.outerHTML;
  }

  function replaceChangedParts(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const name = part.dataset.part;
      if (shown.get(name) === versionOf(part)) continue;
      shown.set(name, versionOf(part));
      state.querySelector(`[data-part="${name}"]`).replaceWith(document.importNode(part, true));
    }
    document.dispatchEvent(new Event("content-refreshed"));
  }

  // Events that arrive while the state is loaded cause one more request.
  async function showState() {
    isChanged = true;
    if (isLoading) return;
    isLoading = true;
    while (isChanged) {
      isChanged = false;
      try {
        const response = await fetch(state.dataset.state, { headers: { Accept: "text/html" }, cache: "no-store" });
        if (response.ok) replaceChangedParts(await response.text());
      } catch {
        // The site is not reachable, for example during a restart: the events are requested again, and then the state.
      }
    }
    isLoading = false;
  }

  function addLine({ id, at, isError, message }) {
    address.searchParams.set("after", id);
    const row = document.createElement("tr");
    const time = Object.assign(document.createElement("time"), { className: "utc-time", dateTime: at });
    time.textContent = `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
    time.dataset.relative = "true";
    const text = document.createElement(isError ? "pre" : "span");
    text.textContent = message;
    if (isError) {
      row.className = "table-danger";
      text.className = "mb-0";
    }
    for (const content of [time, text]) row.insertCell().append(content);
    row.cells[0].className = "text-nowrap";
    table.tBodies[0].append(row);
    table.hidden = false;
    document.getElementById("no-log")?.remove();
  }

  function connect() {
    const events = new EventSource(address);
    events.addEventListener("open", () => { updates.textContent = "This page is updated until the run ends."; });
    events.addEventListener("log", (event) => {
      addLine(JSON.parse(event.data));
      document.dispatchEvent(new Event("content-refreshed"));
    });
    events.addEventListener("run", showState);
    events.addEventListener("end", () => {
      hasEnded = true;
      events.close();
      updates.textContent = "";
      showState();
    });
    events.addEventListener("error", () => {
      if (hasEnded) return;
      updates.textContent = "The connection is interrupted; trying again.";
      if (events.readyState !== EventSource.CLOSED) return; // the browser connects again, with the id of the last line
      showState();
      setTimeout(connect, retryInMilliseconds);
    });
  }

  connect();
})();
