// Adds to every time on the page the viewer's local time, as its title or beside it, and the relative time. Relative times are updated once
// per minute, and when auto-refresh.js has replaced content.
(() => {
  const minute = 60, hour = 60 * minute, day = 24 * hour, year = 365 * day;
  const updateIntervalInMilliseconds = 60_000;
  const localTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
  const shortLocalTime = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
  const plural = (count, unit) => `${count}\u00a0${unit}${count === 1 ? "" : "s"}`;

  function duration(seconds) {
    if (seconds < hour) return `${Math.floor(seconds / minute)}\u00a0min`;
    if (seconds < day) return `${Math.floor(seconds / hour)}\u00a0h`;
    return seconds < 2 * year ? plural(Math.floor(seconds / day), "day") : plural(Math.floor(seconds / year), "year");
  }

  function relativeTime(date) {
    const seconds = (Date.now() - date) / 1000;
    if (Math.abs(seconds) < minute) return seconds < 0 ? "in less than 1\u00a0min" : "just now";
    return seconds < 0 ? `in ${duration(-seconds)}` : `${duration(seconds)} ago`;
  }

  function part(element, className, separator) {
    let found = element.querySelector(`.${className}`);
    if (!found) {
      found = document.createElement("span");
      found.className = className;
      element.append(separator, found);
    }
    return found;
  }

  function update() {
    for (const element of document.querySelectorAll("time.utc-time")) {
      const date = new Date(element.dateTime);
      element.title = `Your local time: ${localTime.format(date)}`;
      if (element.dataset.local) part(element, "local-time", "\u00a0· ").textContent = shortLocalTime.format(date);
      if (element.dataset.relative) part(element, "relative-time", " ").textContent = `(${relativeTime(date)})`;
    }
  }

  update();
  setInterval(update, updateIntervalInMilliseconds);
  document.addEventListener("content-refreshed", update);
})();
