// Draws the histogram table of each feature as bars: reference window next to current window.
import { drawAll, drawChart, number } from "./chart-theme.js";

// Stripes distinguish the current window from the reference without relying on color.
function stripes(color, background) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const context = tile.getContext("2d");
  context.fillStyle = background;
  context.fillRect(0, 0, 8, 8);
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.beginPath();
  for (const x of [-8, 0, 8]) {
    context.moveTo(x, 8);
    context.lineTo(x + 8, 0);
  }
  context.stroke();
  return context.createPattern(tile, "repeat");
}

// A short label below the bar; the tooltip and the table have the full name.
const short = (bin) => (bin === "missing" ? "n/a" : bin.split("–")[0]);

function draw(card) {
  const table = card.querySelector("table[data-histogram]");
  const figure = card.querySelector("figure");
  const rows = [...table.querySelectorAll("tbody tr")];
  const unit = table.dataset.unit;
  const percentages = (scope) => rows.map((row) => (row.dataset[scope] ? 100 * number(row.dataset[scope]) : null));
  const [reference, current] = ["reference", "current"].map((scope) => ({ label: `${table.dataset[scope]} (n = ${table.dataset[`${scope}Rows`]})`, data: percentages(scope), borderWidth: 1.5, categoryPercentage: 0.86, barPercentage: 0.96 }));
  const datasets = [reference, current].filter((bar) => bar.data.some((share) => share !== null));
  if (datasets.length === 0) return;

  // On narrow screens every second bin has a label, and always the last one, which counts missing values.
  const last = rows.length - 1;
  const hasLabel = (i) => !unit || figure.clientWidth >= 400 || i === last || (i % 2 === 0 && i < last - 1);
  const config = {
    type: "bar",
    data: { labels: rows.map((row) => row.dataset.bin), datasets },
    options: {
      interaction: { mode: "index", intersect: false },
      plugins: { tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${item.parsed.y.toFixed(1)}% of rows` } } },
      scales: {
        x: {
          grid: { display: false },
          title: { display: Boolean(unit), text: `${unit}, lower edge of each bin; n/a = missing` },
          ticks: { maxRotation: 0, autoSkip: false, callback: (_, i) => (hasLabel(i) ? short(rows[i].dataset.bin) : "") },
        },
        y: { beginAtZero: true, grace: "5%", ticks: { maxTicksLimit: 6, callback: (value) => `${value}%` } },
      },
    },
  };
  drawChart(figure, config, ({ main, contrast, background }) => {
    Object.assign(reference, { backgroundColor: main, borderColor: main });
    Object.assign(current, { backgroundColor: stripes(contrast, background), borderColor: contrast });
  });
}

drawAll("[data-feature]", draw);
