// Draws the what-if charts from their tables. The tables are the source, so the page says the same without scripts; with them they start folded.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const number = (text) => (text ? Number(text) : null);
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  // Lines differ by dashes and marks, not by colour alone.
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
    const figure = part.querySelector("figure");
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
      ...(heading.dataset.asked ? { borderWidth: 4, pointStyle: "circle", order: 1, part: "asked" } : { borderWidth: 2, order: 2, part: "other", ...others[other++] }),
    }));
    const here = table.querySelector("tbody .table-active");
    const y = number(here.cells[headings.findIndex(({ dataset }) => dataset.asked)].dataset.y);
    const datasets = [
      ...lines,
      { label: "50 %: survived above", data: [{ x: 0, y: 0.5 }, { x: end, y: 0.5 }], borderWidth: 1.5, borderDash: [4, 6], pointRadius: 0, pointStyle: "line", order: 3, part: "threshold" },
      ...(asked === null ? [] : [{ label: "Your question", data: [{ x: Math.min(asked, end), y }], showLine: false, pointStyle: "rectRot", pointRadius: 10, pointHoverRadius: 12, borderWidth: 2, order: 0, part: "mark" }]),
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
      pointStyle: line.part === "mark" ? line.pointStyle : "line",
    });

    figure.hidden = false;
    paint(datasets); // Chart.js gives colours of its own to lines without any, and keeps them for their points
    const chart = new window.Chart(figure.querySelector("canvas"), {
      type: "line",
      data: { datasets },
      options: {
        animation: still ? false : { duration: 300 },
        maintainAspectRatio: false,
        parsing: false,
        clip: 12,
        interaction: { mode: "nearest", axis: "xy", intersect: false },
        plugins: {
          legend: { position: "bottom", labels: { usePointStyle: true, pointStyleWidth: 34, generateLabels: ({ options }) => datasets.map((line, i) => legendOf(line, i, options)) } },
          tooltip: { callbacks: { title: () => "", label: ({ raw, dataset }) => `${dataset.label}, ${table.dataset.axis.toLowerCase()} ${raw.x}: ${percent(raw.y)}` } },
        },
        scales: {
          x: { type: "linear", min: 0, max: end, title: { display: true, text: table.dataset.axis } },
          y: { min: 0, max: 1, title: { display: true, text: "Chance of survival" }, ticks: { stepSize: 0.25, callback: (share) => `${100 * share} %` } },
        },
      },
    });

    function colour() {
      const { text, grid } = colours();
      paint(datasets);
      chart.options.plugins.legend.labels.color = text;
      for (const scale of Object.values(chart.options.scales)) {
        scale.ticks.color = scale.title.color = text;
        scale.grid = { color: grid };
      }
      chart.update("none");
      figure.dataset.drawn = "true";
    }

    colour();
    dark.addEventListener("change", colour);
    part.querySelector("details").open = false;
  }

  function colours() {
    return dark.matches
      ? { text: "#d8e3ee", grid: "#2b4159", asked: "#7cc4f0", other: "#c9a86a", threshold: "#a3b6c8", mark: "#f2b354" }
      : { text: "#343a40", grid: "#dee2e6", asked: "#0b5c8a", other: "#8a5a00", threshold: "#4c5f72", mark: "#f2b354" };
  }

  function paint(datasets) {
    const now = colours();
    for (const line of datasets) {
      line.borderColor = line.part === "mark" ? now.text : now[line.part];
      line.backgroundColor = now[line.part];
    }
  }

  // The address is the page's state: it says which chart is looked at, and asks nothing anew.
  function keepInAddress({ target }) {
    const address = new URL(window.location);
    address.searchParams.set(target.name, target.value);
    window.history.replaceState(null, "", address);
  }

  if (window.Chart) document.querySelectorAll("[data-what-if]").forEach(draw);
  document.querySelectorAll("#what-if input[type=radio]").forEach((choice) => choice.addEventListener("change", keepInAddress));
})();
