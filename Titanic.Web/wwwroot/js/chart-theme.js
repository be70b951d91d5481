// Shared by all charts: light and dark palettes, font, legend and drawing. Charts are drawn without animation from a table on the page,
// which has the same values for users without scripts.
const dark = window.matchMedia("(prefers-color-scheme: dark)");

const palettes = {
  light: { text: "#343a40", grid: "#dee2e6", background: "#ffffff", main: "#0b5c8a", neutral: "#4c5f72", contrast: "#b35900", muted: "#8a5a00", mark: "#f2b354" },
  dark: { text: "#d8e3ee", grid: "#2b4159", background: "#142537", main: "#7cc4f0", neutral: "#a3b6c8", contrast: "#ffb454", muted: "#c9a86a", mark: "#f2b354" },
};

if (window.Chart) {
  const { defaults } = window.Chart;
  defaults.animation = false;
  defaults.maintainAspectRatio = false;
  defaults.font.family = getComputedStyle(document.body).fontFamily;
  defaults.plugins.legend.position = "bottom";
}

// Calls draw for every matching element, if Chart.js is loaded.
export const drawAll = (selector, draw) => {
  if (window.Chart) document.querySelectorAll(selector).forEach(draw);
};

// The number in a data attribute; null if it is empty.
export const number = (text) => (text ? Number(text) : null);

export const percent = (share) => `${(100 * share).toFixed(1)}%`;

// Draws a chart in the canvas of the figure, and updates its colors when the system switches between light and dark. `paint` sets the
// colors of the datasets.
export function drawChart(figure, config, paint) {
  const colors = () => palettes[dark.matches ? "dark" : "light"];
  figure.hidden = false;
  paint(colors()); // before the chart is created, because Chart.js assigns its own colors to datasets without colors and keeps them for points
  const chart = new window.Chart(figure.querySelector("canvas"), config);

  function recolor() {
    if (!chart.canvas) return; // destroyed
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
