// Charts from the JSON beside them; the table under each says the same.
import * as echarts from "echarts/core";
import { BarChart, LineChart, PieChart, RadarChart } from "echarts/charts";
import { GridComponent, LegendComponent, RadarComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";
import { one } from "./page.js";

echarts.use([
  BarChart,
  LineChart,
  PieChart,
  RadarChart,
  GridComponent,
  LegendComponent,
  RadarComponent,
  TooltipComponent,
  CanvasRenderer,
]);

const COLOURS = ["#0f5f66", "#c98a1b", "#5b4693", "#1f5a9e", "#1a6b3c", "#b3261e", "#84969a"];
const font = getComputedStyle(document.body).fontFamily;

/**
 * @typedef {{ kind: "pie" | "radar" | "line" | "bar" | "hbar", labels: string[], unit?: string, stacked?: boolean,
 *   series: { name: string, values: (number | null)[] }[] }} Data as the template lays it beside the canvas
 * @param {Data} data
 * @returns {any} ECharts' options, which its types know only with every kind of chart
 */
function options({ kind, labels, series, unit, stacked }) {
  const base = {
    color: COLOURS,
    textStyle: { fontFamily: font, fontSize: 14 },
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    tooltip: {
      trigger: kind === "pie" ? "item" : "axis",
      valueFormatter: (/** @type {number | null} */ v) => (v ?? "—") + (unit || ""),
    },
    legend:
      series.length > 1 || kind === "pie" ? { bottom: 0, icon: "roundRect", itemWidth: 14, itemHeight: 10 } : undefined,
  };
  if (kind === "pie")
    return {
      ...base,
      series: [
        {
          type: "pie",
          radius: ["45%", "70%"],
          center: ["50%", "45%"],
          data: labels.map((name, i) => ({ name, value: series[0].values[i] })),
          label: { formatter: "{b} {c}" },
        },
      ],
    };
  if (kind === "radar")
    return {
      ...base,
      tooltip: { trigger: "item" },
      radar: {
        indicator: labels.map((name) => ({ name, max: 100 })),
        radius: "65%",
        center: ["50%", series.length > 1 ? "46%" : "52%"],
      },
      series: [
        {
          type: "radar",
          symbolSize: 6,
          data: series.map((s) => ({ name: s.name, value: s.values, areaStyle: { opacity: 0.12 } })),
        },
      ],
    };
  const category = { type: "category", data: labels, axisTick: { show: false } },
    value = { type: "value", minInterval: unit ? 0 : 1, splitLine: { lineStyle: { color: "#e6ecec" } } };
  const across = kind === "hbar";
  return {
    ...base,
    grid: { left: 8, right: 16, top: 16, bottom: series.length > 1 ? 40 : 8, containLabel: true },
    xAxis: across ? value : category,
    yAxis: across ? { ...category, inverse: true } : value,
    series: series.map((s) => ({
      name: s.name,
      data: s.values,
      type: kind === "line" ? "line" : "bar",
      stack: stacked ? "all" : undefined,
      barMaxWidth: 28,
      symbolSize: 7,
    })),
  };
}

for (const figure of document.querySelectorAll("[data-chart]")) {
  const canvas = one(".lb-chart-canvas", HTMLElement, figure);
  const data = document.getElementById(figure.getAttribute("data-chart") ?? "");
  if (!canvas || !data) continue;
  const chart = echarts.init(canvas);
  chart.setOption(options(JSON.parse(data.textContent ?? "")));
  new ResizeObserver(() => chart.resize()).observe(canvas);
}
