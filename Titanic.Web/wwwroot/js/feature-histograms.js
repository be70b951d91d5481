// Draws each feature's table of shares as bars, reference beside current.
import { drawAll, drawChart, number } from "./chart-theme.js";

// Stripes tell the current scope from the reference for whoever cannot tell the colors.
function stripes(color, ground) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = color;
  pen.lineWidth = 2;
  pen.beginPath();
  for (const x of [-8, 0, 8]) {
    pen.moveTo(x, 8);
    pen.lineTo(x + 8, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

// What fits below a bar; the tooltip and the table have the whole name.
const short = (bin) => (bin === "missing" ? "n/a" : bin.split("–")[0]);

function draw(card) {
  const table = card.querySelector("table[data-histogram]");
  const figure = card.querySelector("figure");
  const rows = [...table.querySelectorAll("tbody tr")];
  const unit = table.dataset.unit;
  const percents = (scope) => rows.map((row) => (row.dataset[scope] ? 100 * number(row.dataset[scope]) : null));
  const [reference, current] = ["reference", "current"].map((scope) => ({ label: `${table.dataset[scope]} (n = ${table.dataset[`${scope}Rows`]})`, data: percents(scope), borderWidth: 1.5, categoryPercentage: 0.86, barPercentage: 0.96 }));
  const datasets = [reference, current].filter((bar) => bar.data.some((share) => share !== null));
  if (datasets.length === 0) return;

  // On a narrow screen every other bin has its name, and always the last, which stands for what is missing.
  const last = rows.length - 1;
  const isNamed = (i) => !unit || figure.clientWidth >= 400 || i === last || (i % 2 === 0 && i < last - 1);
  const config = {
    type: "bar",
    data: { labels: rows.map((row) => row.dataset.bin), datasets },
    options: {
      interaction: { mode: "index", intersect: false },
      plugins: { tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${item.parsed.y.toFixed(1)} % of rows` } } },
      scales: {
        x: {
          grid: { display: false },
          title: { display: Boolean(unit), text: `${unit}, lower edge of each bin; n/a: missing` },
          ticks: { maxRotation: 0, autoSkip: false, callback: (_, i) => (isNamed(i) ? short(rows[i].dataset.bin) : "") },
        },
        y: { beginAtZero: true, grace: "5%", ticks: { maxTicksLimit: 6, callback: (value) => `${value} %` } },
      },
    },
  };
  drawChart(figure, config, ({ main, contrast, ground }) => {
    Object.assign(reference, { backgroundColor: main, borderColor: main });
    Object.assign(current, { backgroundColor: stripes(contrast, ground), borderColor: contrast });
  });
}

drawAll("[data-feature]", draw);
