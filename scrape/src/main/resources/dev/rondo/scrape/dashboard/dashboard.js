"use strict";

const MOST_POINTS = 1200; // ten minutes
const byId = id => document.getElementById(id);
const number = value => Math.round(value).toLocaleString("en-US");

function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  for (; bytes >= 999.5 && unit < units.length - 1; unit++) bytes /= 1000;
  return (unit && bytes < 99.95 ? bytes.toFixed(1) : bytes.toFixed(0)) + " " + units[unit];
}

function time(seconds) {
  const whole = Math.floor(seconds), two = value => String(value).padStart(2, "0");
  return (whole >= 3600 ? Math.floor(whole / 3600) + ":" : "") + two(Math.floor(whole / 60) % 60) + ":" + two(whole % 60);
}

// ------------------------------------------------------------------------------------------------------------ curves

class Curve {
  constructor(id, colour) {
    this.element = byId(id);
    this.data = [[], []];
    const text = getComputedStyle(document.body).color;
    const axis = { stroke: text, grid: { stroke: "rgba(128,128,128,.2)" }, ticks: { show: false } };
    this.plot = new uPlot({
      ...this.bounds(),
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(1, high * 1.1)] } },
      axes: [{ ...axis, values: (_, all) => all.map(time), incrs: [1, 2, 5, 10, 30, 60, 120, 300, 600] }, { ...axis, values: (_, all) => all.map(number), size: 60 }],
      series: [{}, { stroke: colour, width: 2, fill: colour + "22" }],
    }, this.data, this.element);
    new ResizeObserver(() => this.plot.setSize(this.bounds())).observe(this.element);
  }

  bounds() {
    return { width: this.element.clientWidth, height: this.element.clientHeight };
  }

  add(x, y) {
    this.data[0].push(x);
    this.data[1].push(y);
    if (this.data[0].length > MOST_POINTS) this.data.forEach(values => values.shift());
    this.plot.setData(this.data);
  }
}

// ------------------------------------------------------------------------------------------------------------ tables

function fill(table, rows) {
  const body = byId(table).tBodies[0];
  body.replaceChildren(...rows.map(cells => {
    const row = document.createElement("tr");
    for (const cell of cells) row.insertCell().textContent = cell; // never HTML: addresses come from strangers
    return row;
  }));
}

// ------------------------------------------------------------------------------------------------------------ events

const speed = new Curve("speed", "#2f81f7");
const queue = new Curve("queue", "#bf8700");
let last = null;

function show(status) {
  if (status.pages === undefined) return;
  const passed = last ? status.seconds - last.seconds : status.seconds;
  const rate = passed > 0 ? (status.pages - (last ? last.pages : 0)) / passed : 0;
  if (last === null || passed > 0) {
    speed.add(status.seconds, rate);
    queue.add(status.seconds, status.waiting);
  }
  byId("rate").textContent = number(rate);
  for (const name of ["pages", "waiting", "inFlight", "failed", "redirects"]) byId(name).textContent = number(status[name]);
  byId("bytes").textContent = size(status.bytes);
  byId("seconds").textContent = time(status.seconds);
  fill("hosts", status.hosts.map(host => [
    host.origin.replace(/^https?:\/\//, ""), number(host.pages), number(host.failed), number(host.waiting), host.inFlight,
    host.delaySeconds ? host.delaySeconds.toFixed(2) + " s" : "–", (host.seconds * 1000).toFixed(0) + " ms"]));
  fill("errors", status.errors.map(error => [error.url, error.error]));
  byId("none").hidden = status.errors.length > 0;
  last = status;
}

function say(state, text) {
  byId("state").className = state;
  byId("state").textContent = text;
}

const events = new EventSource("events");
events.onopen = () => say("running", "running");
events.onmessage = event => show(JSON.parse(event.data));
events.onerror = () => say("ended", last ? "ended" : "connecting…");
