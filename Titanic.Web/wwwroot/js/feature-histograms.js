// Draws each feature's table of shares as bars, reference beside current. The tables are the source, so the page says the same without scripts.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

// Stripes tell the current scope from the reference for whoever cannot tell the colours.
function stripes(colour, ground) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  for (const x of [-8, 0, 8]) {
    pen.moveTo(x, 8);
    pen.lineTo(x + 8, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

function paint([reference, current]) {
  const [solid, striped, ground] = dark.matches ? ["#5fa8d8", "#ffb454", "#142537"] : ["#0b5c8a", "#b35900", "#ffffff"];
  Object.assign(reference, { backgroundColor: solid, borderColor: solid });
  Object.assign(current, { backgroundColor: stripes(striped, ground), borderColor: striped });
}

// What fits below a bar; the tooltip and the table have the whole name.
const short = (bin) => (bin === "missing" ? "n/a" : bin.split("–")[0]);

function draw(card) {
  const table = card.querySelector("table[data-histogram]");
  const figure = card.querySelector("figure");
  const rows = [...table.querySelectorAll("tbody tr")];
  const unit = table.dataset.unit;
  const percents = (scope) => rows.map((row) => (row.dataset[scope] ? 100 * Number(row.dataset[scope]) : null));
  const bars = ["reference", "current"].map((scope) => ({ label: `${table.dataset[scope]} (n = ${table.dataset[`${scope}Rows`]})`, data: percents(scope), borderWidth: 1.5, categoryPercentage: 0.86, barPercentage: 0.96 }));
  const drawn = bars.filter((bar) => bar.data.some((share) => share !== null));
  if (drawn.length === 0) return;

  // Chart.js gives colours of its own to whatever has none when the chart is made.
  paint(bars);
  figure.hidden = false;
  // On a narrow screen every other bin has its name, and always the last, which stands for what is missing.
  const last = rows.length - 1;
  const isNamed = (i) => !unit || figure.clientWidth >= 400 || i === last || (i % 2 === 0 && i < last - 1);
  const chart = new window.Chart(figure.querySelector("canvas"), {
    type: "bar",
    data: { labels: rows.map((row) => row.dataset.bin), datasets: drawn },
    options: {
      animation: still ? false : { duration: 300 },
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: { position: "bottom" },
        tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${item.parsed.y.toFixed(1)} % of rows` } },
      },
      scales: {
        x: {
          grid: { display: false },
          title: { display: Boolean(unit), text: `${unit}, lower edge of each bin; n/a: missing` },
          ticks: { maxRotation: 0, autoSkip: false, callback: (_, i) => (isNamed(i) ? short(rows[i].dataset.bin) : "") },
        },
        y: { beginAtZero: true, grace: "5%", ticks: { maxTicksLimit: 6, callback: (value) => `${value} %` } },
      },
    },
  });

  function colour() {
    const text = dark.matches ? "#d8e3ee" : "#343a40";
    const { x, y } = chart.options.scales;
    paint(bars);
    chart.options.plugins.legend.labels.color = text;
    x.ticks.color = y.ticks.color = x.title.color = text;
    y.grid = { color: dark.matches ? "#2b4159" : "#dee2e6" };
    chart.update("none");
    figure.dataset.drawn = "true";
  }

  colour();
  dark.addEventListener("change", colour);
}

if (window.Chart) document.querySelectorAll("[data-feature]").forEach(draw);
