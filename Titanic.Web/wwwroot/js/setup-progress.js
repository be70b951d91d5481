// Keeps the first start's banner up to date without reloading the page under somebody's fingers. Browsers that run no scripts get a
// meta refresh instead.
const banner = document.getElementById('setup-progress');
const pauseInMilliseconds = 1000;

async function look() {
  try {
    const answer = await fetch(banner.dataset.address, { headers: { Accept: 'text/html' } });
    if (answer.ok) {
      banner.innerHTML = await answer.text();
      if (banner.querySelector('[data-finished]')) {
        if (banner.dataset.reload === 'true') location.reload();
        return;
      }
    }
  } catch {
    // The site is away for a moment, perhaps restarting: look again.
  }
  setTimeout(look, pauseInMilliseconds);
}

if (banner) setTimeout(look, pauseInMilliseconds);
