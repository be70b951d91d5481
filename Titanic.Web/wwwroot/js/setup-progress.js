// Updates the banner of the first start without reloading the page, so that typed input is kept. Without scripts, a meta refresh reloads
// the page instead.
const banner = document.getElementById('setup-progress');
const pollIntervalInMilliseconds = 1000;

async function poll() {
  try {
    const response = await fetch(banner.dataset.address, { headers: { Accept: 'text/html' } });
    if (response.ok) {
      banner.innerHTML = await response.text();
      if (banner.querySelector('[data-finished]')) {
        if (banner.dataset.reload === 'true') location.reload();
        return;
      }
    }
  } catch {
    // The site is not reachable, for example during a restart: poll again.
  }
  setTimeout(poll, pollIntervalInMilliseconds);
}

if (banner) setTimeout(poll, pollIntervalInMilliseconds);
