// Draws the what-if charts from their tables and collapses the tables.
import { drawAll, drawChart, number, percent } from "./chart-theme.js";

// Lines differ by dashes and markers, not by color alone.
const otherLineStyles = [
  { borderDash: [9, 4], pointStyle: "triangle" },
  { borderDash: [2, 3], pointStyle: "rect" },
];

// A bin becomes a step of its width, a single value becomes a point. Missing values are not drawn.
function points(table, column, end) {
  const line = [];
  let from = 0;
  for (const row of table.tBodies[0].rows) {
    const [low, high, y] = [number(row.dataset.low), number(row.dataset.high), number(row.cells[column].dataset.y)];
    if (low === null) continue;
    if (low === high) {
      line.push({ x: low, y });
    } else {
      const to = Math.min(high ?? end, end);
      if (from < to) line.push({ x: from, y }, { x: to, y });
      from = to;
    }
  }
  return line;
}

function draw(panel) {
  const table = panel.querySelector("table");
  const end = number(table.dataset.end);
  const input = number(table.dataset.input);
  const headings = [...table.tHead.rows[0].cells];
  const hasBins = [...table.tBodies[0].rows].some(({ dataset }) => dataset.low !== dataset.high);

  let otherLine = 0;
  const lines = headings.slice(1).map((heading, i) => ({
    label: heading.textContent,
    data: points(table, i + 1, end),
    pointRadius: hasBins ? 0 : 3,
    tension: 0,
    ...(heading.dataset.selected ? { borderWidth: 4, pointStyle: "circle", order: 1, color: "main" } : { borderWidth: 2, order: 2, color: "muted", ...otherLineStyles[otherLine++] }),
  }));
  const inputRow = table.querySelector("tbody .table-active");
  const y = number(inputRow.cells[headings.findIndex(({ dataset }) => dataset.selected)].dataset.y);
  const datasets = [
    ...lines,
    { label: "50%: predicted survived above", data: [{ x: 0, y: 0.5 }, { x: end, y: 0.5 }], borderWidth: 1.5, borderDash: [4, 6], pointRadius: 0, pointStyle: "line", order: 3, color: "neutral" },
    ...(input === null ? [] : [{ label: "Your input", data: [{ x: Math.min(input, end), y }], showLine: false, pointStyle: "rectRot", pointRadius: 10, pointHoverRadius: 12, borderWidth: 2, order: 0, color: "mark" }]),
  ];

  // A legend entry looks like its dataset: a line with its dashes, or the marker.
  const legendOf = (line, datasetIndex, options) => ({
    text: line.label,
    datasetIndex,
    fontColor: options.plugins.legend.labels.color,
    strokeStyle: line.borderColor,
    fillStyle: line.backgroundColor,
    lineWidth: line.borderWidth,
    lineDash: line.borderDash ?? [],
    pointStyle: line.color === "mark" ? line.pointStyle : "line",
  });

  const config = {
    type: "line",
    data: { datasets },
    options: {
      parsing: false,
      clip: 12,
      interaction: { mode: "nearest", axis: "xy", intersect: false },
      plugins: {
        legend: { labels: { usePointStyle: true, pointStyleWidth: 34, generateLabels: ({ options }) => datasets.map((line, i) => legendOf(line, i, options)) } },
        tooltip: { callbacks: { title: () => "", label: ({ raw, dataset }) => `${dataset.label}, ${table.dataset.axis.toLowerCase()} ${raw.x}: ${percent(raw.y)}` } },
      },
      scales: {
        x: { type: "linear", min: 0, max: end, title: { display: true, text: table.dataset.axis } },
        y: { min: 0, max: 1, title: { display: true, text: "Probability of survival" }, ticks: { stepSize: 0.25, callback: (share) => `${100 * share}%` } },
      },
    },
  };
  drawChart(panel.querySelector("figure"), config, (colors) =>
    datasets.forEach((line) => Object.assign(line, { borderColor: line.color === "mark" ? colors.text : colors[line.color], backgroundColor: colors[line.color] })));
  panel.querySelector("details").open = false;
}

// Keeps the selected chart in the URL without making a new prediction.
function keepInUrl({ target }) {
  const url = new URL(window.location);
  url.searchParams.set(target.name, target.value);
  window.history.replaceState(null, "", url);
}

drawAll("[data-what-if]", draw);
document.querySelectorAll("#what-if input[type=radio]").forEach((choice) => choice.addEventListener("change", keepInUrl));
