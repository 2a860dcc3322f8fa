// Draws the coverage by day from the table beneath it, stacked by language; dragging across days narrows the search.
"use strict";

const DAY = 86400;

function read(table) {
  const series = [...table.querySelectorAll("[data-series]")].map((th) => ({ code: th.dataset.series, name: th.textContent }));
  const days = [];
  const names = [];
  const counts = series.map(() => []);
  for (const row of table.tBodies[0].rows) {
    days.push(Date.parse(row.cells[0].dataset.day) / 1000);
    names.push(row.cells[0].textContent);
    series.forEach((_, n) => counts[n].push(Number(row.cells[n + 1].dataset.n)));
  }
  return { series, days, names, counts };
}

function stacked(counts) {
  // the first series stands at the bottom; each later one is drawn behind it as the sum so far
  const sums = [];
  counts.forEach((column, n) => sums.push(column.map((value, at) => value + (n ? sums[n - 1][at] : 0))));
  return sums;
}

function iso(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function draw(figure) {
  const { series, days, names, counts } = read(figure.querySelector("[data-days]"));
  if (days.length < 2) return null;
  figure.classList.add("drawn");
  const plot = figure.querySelector("[data-plot]");
  const tip = figure.querySelector("[data-tip]");
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const language = document.documentElement.lang;
  const short = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { timeZone: "UTC", day: "numeric", month: "short" });
  const sums = stacked(counts);
  const axis = { stroke: colour("--soft"), font: "12px system-ui, sans-serif", ticks: { stroke: colour("--line"), width: 1, size: 4 } };
  const bars = uPlot.paths.bars({ size: [0.86, 46], radius: 0.12 });

  const narrow = (from, to) => {
    const address = new URL(figure.dataset.narrow, location.href);
    address.searchParams.set("since", iso(from));
    address.searchParams.set("until", iso(to));
    address.searchParams.delete("page");
    location.assign(address);
  };
  const dayAt = (chart, left) => Math.round(chart.posToVal(left, "x") / DAY) * DAY;
  const inside = (day) => Math.min(Math.max(day, days[0]), days[days.length - 1]);

  const chart = new uPlot({
    width: plot.clientWidth,
    height: plot.clientHeight,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    legend: { show: false },
    padding: [10, 6, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false, dist: 4 } },
    scales: {
      x: { time: true, range: [days[0] - DAY / 2, days[days.length - 1] + DAY / 2] },
      y: { range: (_, low, high) => [0, Math.max(high * 1.06, 1)] },
    },
    axes: [
      { ...axis, size: 30, grid: { show: false }, space: 70, incrs: [1, 2, 7, 14, 30, 91, 182, 365].map((n) => n * DAY), values: (_, splits) => splits.map((at) => short.format(at * 1000)) },
      { ...axis, size: 44, grid: { stroke: colour("--line"), width: 1 }, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000] },
    ],
    series: [
      {},
      ...series.map((one) => ({ label: one.name, fill: colour(`--${one.code}`) || colour("--rest"), stroke: "transparent", width: 0, paths: bars, points: { show: false } })).reverse(),
    ],
    hooks: {
      setSelect: [(self) => {
        if (self.select.width < 4) return;
        const from = inside(dayAt(self, self.select.left));
        const to = inside(dayAt(self, self.select.left + self.select.width));
        narrow(from, Math.max(from, to));
      }],
      setCursor: [(self) => {
        const at = self.cursor.idx;
        tip.hidden = at === null || at === undefined || self.cursor.left < 0;
        if (tip.hidden) return;
        const parts = series.map((one, n) => [one.name, counts[n][at]]).filter(([, n]) => n).map(([name, n]) => `${name} ${n}`);
        tip.textContent = `${names[at]}: ${parts.join(", ") || "0"}`;
        const left = plot.offsetLeft + self.over.offsetLeft + self.valToPos(days[at], "x");
        tip.style.left = `${Math.max(4, Math.min(left - tip.offsetWidth / 2, figure.clientWidth - tip.offsetWidth - 4))}px`;
      }],
    },
  }, [days, ...sums.slice().reverse()], plot);

  // a click on a day is a selection of that day
  let pressed = null;
  chart.over.addEventListener("mousedown", (event) => { pressed = event.clientX; });
  chart.over.addEventListener("click", (event) => {
    if (pressed === null || Math.abs(event.clientX - pressed) > 4) return;
    const day = inside(dayAt(chart, event.clientX - chart.over.getBoundingClientRect().left));
    narrow(day, day);
  });
  return chart;
}

for (const figure of document.querySelectorAll("[data-chart]")) {
  let chart = draw(figure);
  if (!chart) continue;
  const plot = figure.querySelector("[data-plot]");
  new ResizeObserver(() => chart.setSize({ width: plot.clientWidth, height: plot.clientHeight })).observe(plot);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    chart.destroy();
    chart = draw(figure);
  });
}
