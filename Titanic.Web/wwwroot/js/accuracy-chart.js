// Draws the table of live accuracy as a line chart; again when auto-refresh.js has replaced content.
import { drawAll, drawChart, number } from "./chart-theme.js";

function draw(figure) {
  const rows = [...document.querySelectorAll("#accuracy-by-day tbody tr")].reverse();
  if (rows.length === 0) return;
  const percentages = (name) => rows.map((row) => (row.dataset[name] ? 100 * number(row.dataset[name]) : null));
  const marks = (name) => rows.map((row) => (row.dataset[name] && row.dataset.week ? 100 * number(row.dataset.week) : null));
  const datasets = [
    { label: "Daily", data: percentages("daily"), showLine: false, pointRadius: 4, pointStyle: "circle", color: "neutral" },
    { label: "7 days", data: percentages("week"), borderWidth: 2, pointRadius: 0, pointStyle: "line", borderDash: [6, 4], color: "contrast" },
    { label: "Cumulative", data: percentages("cumulative"), borderWidth: 3, pointRadius: rows.length === 1 ? 4 : 0, pointStyle: "line", color: "main" },
    { label: "Alarm raised", data: marks("alarm"), showLine: false, pointRadius: 8, pointStyle: "triangle", color: "mark", names: rows.map((row) => row.dataset.alarm) },
    { label: "New champion", data: marks("champion"), showLine: false, pointRadius: 6, pointStyle: "rectRot", color: "muted", names: rows.map((row) => `Champion: version ${row.dataset.champion}`) },
  ].filter((line) => line.data.some((value) => value !== null));
  const config = {
    type: "line",
    data: { labels: rows.map((row) => row.dataset.day), datasets },
    options: {
      spanGaps: true,
      clip: 8, // keeps points at 100% visible on the upper edge
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: { labels: { usePointStyle: true } },
        tooltip: { callbacks: { label: (item) => (item.dataset.names ? item.dataset.names[item.dataIndex] : `${item.dataset.label}: ${item.parsed.y.toFixed(1)}%`) } },
      },
      scales: {
        x: { ticks: { maxRotation: 0, autoSkip: true, autoSkipPadding: 16 } },
        y: { max: 100, suggestedMin: 40, ticks: { callback: (value) => `${value}%` } },
      },
    },
  };
  figure.firstElementChild.style.height = "20rem";
  drawChart(figure, config, (colors) => datasets.forEach((line) => Object.assign(line, { borderColor: colors[line.color], backgroundColor: colors[line.color] })));
}

const drawAccuracy = () => drawAll("#accuracy-figure", draw);

drawAccuracy();
document.addEventListener("content-refreshed", () => {
  window.Chart?.getChart("accuracy-chart")?.destroy();
  drawAccuracy();
});
