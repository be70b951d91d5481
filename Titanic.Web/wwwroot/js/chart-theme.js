// What all charts share: the palette for light and dark, the font, the legend, and drawing. A chart is drawn at once, without animation,
// from the table on the page that holds the same figures; without scripts the table alone says it.
const dark = window.matchMedia("(prefers-color-scheme: dark)");

const palettes = {
  light: { text: "#343a40", grid: "#dee2e6", ground: "#ffffff", main: "#0b5c8a", quiet: "#4c5f72", contrast: "#b35900", muted: "#8a5a00", mark: "#f2b354" },
  dark: { text: "#d8e3ee", grid: "#2b4159", ground: "#142537", main: "#7cc4f0", quiet: "#a3b6c8", contrast: "#ffb454", muted: "#c9a86a", mark: "#f2b354" },
};

if (window.Chart) {
  const { defaults } = window.Chart;
  defaults.animation = false;
  defaults.maintainAspectRatio = false;
  defaults.font.family = getComputedStyle(document.body).fontFamily;
  defaults.plugins.legend.position = "bottom";
}

// Gives the chart to every element that fits, where Chart.js has come.
export const drawAll = (selector, draw) => {
  if (window.Chart) document.querySelectorAll(selector).forEach(draw);
};

// A number of a data attribute; null where it is empty.
export const number = (text) => (text ? Number(text) : null);

export const percent = (share) => `${(100 * share).toFixed(1)} %`;

// Draws in the figure's canvas, now and whenever the system changes between light and dark. `paint` gives the datasets their colors.
export function drawChart(figure, config, paint) {
  const colors = () => palettes[dark.matches ? "dark" : "light"];
  figure.hidden = false;
  paint(colors()); // Chart.js gives colors of its own to datasets without any, and keeps them for their points
  const chart = new window.Chart(figure.querySelector("canvas"), config);

  function recolor() {
    const { text, grid } = colors();
    paint(colors());
    chart.options.plugins.legend.labels.color = text;
    for (const scale of Object.values(chart.options.scales)) {
      scale.ticks.color = scale.title.color = text;
      scale.grid.color = grid;
    }
    chart.update();
    figure.dataset.drawn = "true";
  }

  recolor();
  dark.addEventListener("change", recolor);
}
