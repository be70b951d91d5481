// Draws the what-if charts from their tables, which are closed then.
import { drawAll, drawChart, number, percent } from "./chart-theme.js";

// Lines differ by dashes and marks, not by color alone.
const others = [
  { borderDash: [9, 4], pointStyle: "triangle" },
  { borderDash: [2, 3], pointStyle: "rect" },
];

// A bin is a step as wide as it is; a single value is a point. What is missing has no place on the axis.
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

function draw(part) {
  const table = part.querySelector("table");
  const end = number(table.dataset.end);
  const asked = number(table.dataset.asked);
  const headings = [...table.tHead.rows[0].cells];
  const isSteps = [...table.tBodies[0].rows].some(({ dataset }) => dataset.low !== dataset.high);

  let other = 0;
  const lines = headings.slice(1).map((heading, i) => ({
    label: heading.textContent,
    data: points(table, i + 1, end),
    pointRadius: isSteps ? 0 : 3,
    tension: 0,
    ...(heading.dataset.asked ? { borderWidth: 4, pointStyle: "circle", order: 1, color: "main" } : { borderWidth: 2, order: 2, color: "muted", ...others[other++] }),
  }));
  const here = table.querySelector("tbody .table-active");
  const y = number(here.cells[headings.findIndex(({ dataset }) => dataset.asked)].dataset.y);
  const datasets = [
    ...lines,
    { label: "50 %: survived above", data: [{ x: 0, y: 0.5 }, { x: end, y: 0.5 }], borderWidth: 1.5, borderDash: [4, 6], pointRadius: 0, pointStyle: "line", order: 3, color: "quiet" },
    ...(asked === null ? [] : [{ label: "Your question", data: [{ x: Math.min(asked, end), y }], showLine: false, pointStyle: "rectRot", pointRadius: 10, pointHoverRadius: 12, borderWidth: 2, order: 0, color: "mark" }]),
  ];

  // As each is drawn: a line with its dashes, or the mark.
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
        y: { min: 0, max: 1, title: { display: true, text: "Chance of survival" }, ticks: { stepSize: 0.25, callback: (share) => `${100 * share} %` } },
      },
    },
  };
  drawChart(part.querySelector("figure"), config, (colors) =>
    datasets.forEach((line) => Object.assign(line, { borderColor: line.color === "mark" ? colors.text : colors[line.color], backgroundColor: colors[line.color] })));
  part.querySelector("details").open = false;
}

// The address is the page's state: it says which chart is shown, and no new prediction is made.
function keepInAddress({ target }) {
  const address = new URL(window.location);
  address.searchParams.set(target.name, target.value);
  window.history.replaceState(null, "", address);
}

drawAll("[data-what-if]", draw);
document.querySelectorAll("#what-if input[type=radio]").forEach((choice) => choice.addEventListener("change", keepInAddress));
