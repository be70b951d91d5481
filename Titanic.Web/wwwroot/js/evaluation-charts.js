// Draws calibration, ROC and precision-recall curves from their tables.
import { drawAll, drawChart, number, percent } from "./chart-theme.js";

const dashed = { pointRadius: 0, borderWidth: 1.5, borderDash: [6, 4] };
const diagonal = [{ x: 0, y: 0 }, { x: 1, y: 1 }];

// Per chart: the baseline in the neutral color, then the curve in the main color.
const lines = {
  calibration: (rows) => [
    { label: "Perfectly calibrated", data: diagonal, ...dashed },
    { label: "Observed", data: rows, showLine: false, pointRadius: 5, pointHoverRadius: 7 },
    // One dataset has all interval bars: a NaN point interrupts the line between two bars.
    { label: "95% interval", data: rows.flatMap(({ x, low, high }) => [{ x, y: low }, { x, y: high }, { x, y: NaN }]), pointRadius: 0, pointHitRadius: 0, borderWidth: 2 },
  ],
  roc: (rows) => [
    { label: "Random classifier", data: diagonal, ...dashed },
    { label: "Thresholds", data: rows, pointRadius: 2, borderWidth: 2 },
  ],
  // A step function: a threshold's precision applies to all the recall that it adds, without interpolation.
  "precision-recall": (rows) => [
    { label: "All predicted survived", data: [{ x: 0, y: rows.at(-1).y }, { x: 1, y: rows.at(-1).y }], ...dashed },
    { label: "Thresholds", data: rows, stepped: "after", pointRadius: 2, borderWidth: 2 },
  ],
};

function draw(panel) {
  const table = panel.querySelector("table");
  const rows = [...table.querySelectorAll("tbody tr")]
    .map(({ dataset }) => ({ x: number(dataset.x), y: number(dataset.y), low: number(dataset.low), high: number(dataset.high) }))
    .filter(({ x, y }) => x !== null && y !== null);
  if (rows.length === 0) return;

  const axis = (title) => ({ min: 0, max: 1, title: { display: true, text: title }, ticks: { stepSize: 0.2, callback: (value) => `${Math.round(100 * value)}%` } });
  const datasets = lines[panel.dataset.chart](rows).map((line) => ({ ...line, tension: 0, clip: 8 }));
  const config = {
    type: "line",
    data: { datasets },
    options: {
      parsing: false,
      plugins: {
        legend: { labels: { boxHeight: 2 } },
        tooltip: {
          filter: (item) => item.datasetIndex === 1,
          callbacks: { title: () => "", label: ({ raw }) => `${table.dataset.x}: ${percent(raw.x)}, ${table.dataset.y.toLowerCase()}: ${percent(raw.y)}` },
        },
      },
      scales: { x: { type: "linear", ...axis(table.dataset.x) }, y: axis(table.dataset.y) },
    },
  };
  drawChart(panel.querySelector("figure"), config, ({ neutral, main }) =>
    datasets.forEach((line, i) => Object.assign(line, { borderColor: i === 0 ? neutral : main, backgroundColor: i === 0 ? neutral : main })));
}

drawAll("[data-chart]", draw);
