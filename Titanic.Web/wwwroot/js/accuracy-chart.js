// Draws the table of live accuracy as lines. The table is the source, so the page says the same without scripts.
(() => {
  const figure = document.getElementById("accuracy-figure");
  const rows = [...document.querySelectorAll("#accuracy-by-day tbody tr")].reverse();
  if (!figure || rows.length === 0 || !window.Chart) return;

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const percents = (name) => rows.map((row) => (row.dataset[name] ? 100 * Number(row.dataset[name]) : null));

  const lines = [
    { label: "Daily", data: percents("daily"), showLine: false, pointRadius: 4, pointStyle: "circle" },
    { label: "7 days", data: percents("week"), borderWidth: 2, pointRadius: 0, pointStyle: "line", borderDash: [6, 4] },
    { label: "Cumulative", data: percents("cumulative"), borderWidth: 3, pointRadius: rows.length === 1 ? 4 : 0, pointStyle: "line" },
  ];

  figure.hidden = false;
  figure.firstElementChild.style.height = "20rem";
  const chart = new window.Chart(document.getElementById("accuracy-chart"), {
    type: "line",
    data: { labels: rows.map((row) => row.dataset.day), datasets: lines },
    options: {
      animation: still ? false : { duration: 300 },
      maintainAspectRatio: false,
      spanGaps: true,
      clip: 8, // a day of 100 % stands on the upper edge
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: { position: "bottom", labels: { usePointStyle: true } },
        tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${item.parsed.y.toFixed(1)} %` } },
      },
      scales: {
        x: { ticks: { maxRotation: 0, autoSkip: true, autoSkipPadding: 16 } },
        y: { max: 100, suggestedMin: 40, ticks: { callback: (value) => `${value} %` } },
      },
    },
  });

  function colour() {
    const isDark = dark.matches;
    const text = isDark ? "#dee2e6" : "#343a40";
    const grid = isDark ? "#495057" : "#dee2e6";
    const colours = isDark ? ["#adb5bd", "#ffb454", "#6ea8fe"] : ["#6c757d", "#b35900", "#0a58ca"];
    lines.forEach((line, i) => {
      for (const part of ["borderColor", "backgroundColor", "pointBorderColor", "pointBackgroundColor"]) line[part] = colours[i];
    });
    chart.options.color = text;
    chart.options.plugins.legend.labels.color = text;
    for (const axis of [chart.options.scales.x, chart.options.scales.y]) {
      axis.ticks.color = text;
      axis.grid = { color: grid };
    }
    chart.update("none");
    figure.dataset.drawn = "true";
  }

  colour();
  dark.addEventListener("change", colour);
})();
