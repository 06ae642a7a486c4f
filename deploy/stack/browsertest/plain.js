// What Plain asks of a page. Everything stands in functions, so that it can be asked again and again.
"use strict";

// worked are the things on the page that somebody can work, in the order in which they are read.
function worked() {
  const all = document.querySelectorAll("a[href], button, input, textarea, select, summary, [tabindex]");
  return [...all].filter((e) => e.type !== "hidden" && e.tabIndex >= 0 && !e.disabled && e.checkVisibility());
}

// name is what a screen reader calls something.
function name(e) {
  const label = e.getAttribute("aria-label") || (e.labels && e.labels[0] && e.labels[0].textContent) || e.textContent;
  return label.trim().replace(/\s+/g, " ");
}

// focused is what the keyboard is at, and how that is shown; nothing where it is out of sight.
function focused() {
  const e = document.activeElement;
  const style = getComputedStyle(e);
  const box = e.getBoundingClientRect();
  const seen = box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
  return [name(e), seen && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 ? style.outlineStyle : ""];
}

// rgba reads any color as four numbers.
function rgba(color) {
  const canvas = rgba.canvas ||= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
}

function over(top, below) {
  return [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
}

// ground is what is behind the text of an element.
function ground(e) {
  const layers = [];
  for (let at = e; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return layers.reverse().reduce((below, top) => over(top, below), dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
}

function luminance(color) {
  const [r, g, b] = color.slice(0, 3).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

// faults is what is wrong with the page, in sentences.
function faults() {
  const found = new Set();
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) found.add(`the page is ${wide} wide on a screen of ${innerWidth}`);
  for (const [what, selector] of [["heading of the first order", "h1"], ["main part", "main"]]) {
    const n = [...document.querySelectorAll(selector)].length;
    if (n !== 1) found.add(`there are ${n} of the ${what}`);
  }
  if (!document.title) found.add("the page has no title");
  if (!document.documentElement.lang) found.add("the page does not say its language");
  for (const e of worked()) {
    if (!name(e)) found.add(`nothing names ${e.outerHTML.slice(0, 120)}`);
    const box = e.getBoundingClientRect();
    const inText = getComputedStyle(e).display === "inline";
    if (!inText && Math.min(box.width, box.height) < 24) found.add(`${name(e)} is ${Math.round(box.width)} by ${Math.round(box.height)}, too small for a finger`);
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    const text = texts.currentNode.textContent.trim();
    if (!text || e.closest("script, style") || !e.checkVisibility()) continue;
    const back = ground(e);
    const ratio = contrast(over(rgba(getComputedStyle(e).color), back), back);
    if (ratio < 4.5) found.add(`“${text.slice(0, 40)}” hardly stands out from its ground: ${ratio.toFixed(2)} to 1, want 4.5`);
  }
  return [...found];
}
