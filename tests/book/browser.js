// What test_browser.py asks of a page, as functions of the window.

// Reads here and there, as the page was opened and behind some of what is folded or behind a tab; then all is typeset.
window.readThrough = async () => {
  const read = await scrollTo(sample(shown(), 10));
  const doors = [...sample(closed("details:not([open]) > summary"), 2), ...sample(closed("input[type=radio]"), 4)];
  for (const door of doors) {
    const before = new Set(shown());
    door.click();
    read.push(...(await scrollTo(sample(shown().filter((formula) => !before.has(formula)), 2))));
  }
  await MathJax.typesetPromise();
  const errors = document.querySelectorAll("mjx-merror, [data-mjx-error], mjx-container [style*='color: red']");
  return {
    read: read.length,
    late: read.filter(waits).map((formula) => formula.textContent),
    broken: [...errors].map((error) => error.closest("mjx-container").textContent),
    raw: latexLeft(),
    overhang: overhang(),
  };
};

// Pieces of the text, code apart, that should have become formulas.
function latexLeft() {
  const text = document.querySelector(".md-content").cloneNode(true);
  text.querySelectorAll("code, mjx-container").forEach((part) => part.remove());
  return text.textContent.match(/\\(?:[([]|begin|frac|mathbb|partial).{0,40}/g) ?? [];
}

const closed = (selector) => [...document.querySelectorAll(`.md-content :is(${selector}):not(:checked)`)];
const sample = (list, most) => list.filter((_, i) => i % Math.ceil(list.length / most) === 0);
const shown = () => [...document.querySelectorAll(".arithmatex")].filter((formula) => formula.checkVisibility());
const waits = (formula) => !formula.querySelector("mjx-container");

// Scrolls to each formula and waits until it is typeset; gives those that it came to.
async function scrollTo(formulas) {
  const read = [];
  for (const formula of formulas) {
    const end = performance.now() + 10000;
    formula.scrollIntoView();
    while (waits(formula) && performance.now() < end) await new Promise(requestAnimationFrame);
    read.push(formula);
    if (waits(formula)) break; // and so will the others
  }
  return read;
}

// By how much the page is wider than the window, with everything unfolded, whichever tabs are open.
function overhang() {
  document.querySelectorAll("details").forEach((folded) => (folded.open = true));
  const tabs = Map.groupBy(document.querySelectorAll(".md-content input[type=radio]"), (tab) => tab.name);
  const groups = [[], ...tabs.values()];
  const widths = [];
  for (let i = 0; i < Math.max(1, ...groups.map((group) => group.length)); i++) {
    groups.forEach((group) => group[i]?.click());
    widths.push(document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }
  return Math.max(...widths);
}

// Presses the copy button of each figure; pairs what it has to give with what is then on the clipboard.
window.copyAll = async () => {
  const pairs = [];
  for (const figure of document.querySelectorAll("figure.formula[data-latex]")) {
    await navigator.clipboard.writeText("");
    figure.querySelector(".formula-copy")?.click();
    const end = performance.now() + 1000;
    let text = "";
    while (!text && performance.now() < end) text = await navigator.clipboard.readText();
    pairs.push([figure.dataset.latex, text]);
  }
  return pairs;
};

// The text that stands out less than `least` from what is behind it, in each of the theme's colour schemes.
window.paleText = (least) => {
  document.head.insertAdjacentHTML("beforeend", "<style>* { transition: none !important }</style>");
  const inputs = document.querySelectorAll("input[data-md-color-scheme]");
  const nodes = [...document.querySelectorAll(".md-content :is(p, li, dt, dd, td, th, h1, h2, h3, figcaption, a)")];
  const found = {};
  for (const scheme of [...inputs].map((input) => input.dataset.mdColorScheme)) {
    document.body.dataset.mdColorScheme = scheme;
    found[scheme] = nodes
      .filter((node) => hasText(node) && node.checkVisibility() && !node.closest(".headerlink"))
      .map((node) => [contrast(node), node.textContent.trim().slice(0, 60)])
      .filter(([ratio]) => ratio < least);
  }
  return found;
};

const hasText = (node) => [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());

// The ratio that WCAG 2 defines.
function contrast(node) {
  const ground = behind(node);
  const text = over(ground, pixel(getComputedStyle(node).color));
  const [dark, light] = [luminance(ground), luminance(text)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function behind(node) {
  return node ? over(behind(node.parentElement), pixel(getComputedStyle(node).backgroundColor)) : [1, 1, 1];
}

const over = (under, top) => under.map((part, i) => top[i] * top[3] + part * (1 - top[3]));

function luminance(colour) {
  const [r, g, b] = colour.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// Red, green, blue and opacity of any colour that CSS can write: that of one pixel filled with it.
const pixels = new Map();
const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

function pixel(css) {
  if (!pixels.has(css)) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    pixels.set(css, Array.from(canvas.getImageData(0, 0, 1, 1).data, (part) => part / 255));
  }
  return pixels.get(css);
}
