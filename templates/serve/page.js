// The page of `derive serve`: sends the text as it is typed, and shows what is said of each formula.
// All that comes from the text becomes text nodes, or MathML elements made one by one; nothing is parsed as markup.
"use strict";

const PAUSE = 400; // milliseconds without a key before the text is judged
const AGAIN = 3000; // … before a server that did not answer is asked again
const SIGNS = { holds: "✓", fails: "✗", "not-understood": "?" };
const GONE = "Start it again: derive serve\nYour text stays here as long as this page is open.";
const TOO_LONG = { problem: "It is too long to be judged as one types: try `derive check FILE`." };
const WIDE = matchMedia("(min-width: 60rem)");
const MATHML = "http://www.w3.org/1998/Math/MathML";

const at = (id) => document.getElementById(id);
const text = at("text");
const mirror = at("mirror");
const example = text.value;

let formulas = []; // as answered, in the order of the text, each with its `card`
let known = ""; // the text in which they stand at `start` to `end`
let cards = new Map(); // lists of them by what they show: a formula that has not changed keeps its card
let asked = null;
let timer = 0;

// ---- asking

function later(pause = PAUSE) {
  clearTimeout(timer);
  timer = setTimeout(judge, pause);
}

async function judge() {
  clearTimeout(timer);
  asked?.abort();
  const asking = (asked = new AbortController());
  const question = { text: text.value, kind: at("kind").value || null, model: at("model").value || null };
  const body = JSON.stringify({ ...question, strict: at("strict").checked });
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body, signal: asking.signal };
  document.body.classList.add("judging");
  try {
    const fits = new Blob([body]).size <= Number(text.dataset.most);
    const answer = fits ? await (await fetch("judge", options)).json() : TOO_LONG;
    if (asking !== asked) return;
    if ("problem" in answer) say("This text was not judged.", answer.problem);
    if (answer.again) later(AGAIN);
    if ("formulas" in answer) show(answer, question.text);
  } catch {
    if (asking !== asked) return; // a newer text was sent
    say("The server does not answer.", GONE);
    later(AGAIN);
  }
  if (asking === asked) document.body.classList.remove("judging");
}

// ---- showing

function show(answer, judged) {
  say(answer.summary);
  at("notes").replaceChildren(...answer.notes.map((note) => make("li", {}, note)));
  showNetwork(answer.network);
  const before = cards;
  cards = new Map();
  for (const formula of answer.formulas) {
    const { start, end, line, ...said } = formula;
    const key = JSON.stringify(said);
    formula.card = before.get(key)?.shift() ?? cardOf(formula);
    formula.card.formula = formula;
    formula.card.querySelector(".line").textContent = `line ${line}`;
    cards.set(key, [...(cards.get(key) ?? []), formula.card]);
  }
  at("formulas").replaceChildren(...answer.formulas.map(({ card }) => card));
  for (const box of document.querySelectorAll(".formula, .card > code")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; // to be moved by the arrow keys
  }
  formulas = answer.formulas.sort((a, b) => a.start - b.start);
  known = judged;
  follow();
}

// The summary, which is read aloud when it changes; or instead of verdicts a problem.
function say(summary, problem = "") {
  if (at("summary").textContent !== summary) at("summary").textContent = summary;
  at("problem").textContent = problem;
  at("problem").hidden = !problem;
  document.body.classList.toggle("stale", Boolean(problem));
}

function cardOf({ kind, verdict, word, math, latex, wrong, reading, reason, evidence, again, repairs, derived }) {
  const card = make("li", { className: `card ${verdict ?? kind}` });
  const choose = () => select(card.formula, 0, card.formula.end - card.formula.start);
  const line = make("button", { className: "line", title: "Select it in the text", onclick: choose });
  const head = make("p", {}, line, make("strong", {}, `${SIGNS[verdict] ?? ""} ${word}`), under(reading));
  card.append(head, typeset({ math, latex }, choose));
  if (reason) card.append(make("p", {}, reason));
  if (verdict && verdict !== "holds") card.append(make("code", {}, ...marked(latex, wrong)));
  if (again) card.append(make("p", { className: "quiet" }, `the same slip as in line ${again}`));
  card.append(...repairs.map((repair, i) => remedy(repair, i ? "or " : "", card)));
  if (derived) card.append(remedy({ ...derived, words: `derived instead, in ${derived.form} form` }, "", null));
  card.append(folded(evidence));
  return card;
}

// A formula's LaTeX, with what is wrong in it underlined.
function marked(latex, wrong) {
  const ends = [0, ...wrong.map(([, to]) => to)];
  const mark = ([from, to], i) => [latex.slice(ends[i], from), make("mark", {}, latex.slice(from, to))];
  return [...wrong.flatMap(mark), latex.slice(ends.at(-1))];
}

function remedy(repair, before, card) {
  const put = () => putIn(card.formula, repair);
  const named = { className: "put", onclick: put, ariaLabel: `Put it in: ${repair.words}` };
  const button = card && make("button", named, "Put it in");
  const words = make("p", {}, button, before, make("strong", {}, repair.words), under(repair.reading));
  return make("div", { className: "repair" }, words, typeset(repair), folded(repair.evidence));
}

const under = (reading) => reading && make("span", { className: "quiet" }, ` under a reading: ${reading}`);

function folded(evidence) {
  const lines = evidence.map((line) => make("p", {}, line));
  return lines.length ? make("details", {}, make("summary", {}, "evidence"), ...lines) : "";
}

function showNetwork(network) {
  at("network").hidden = !network;
  if (!network) return;
  const names = network.names.map((name) => make("li", {}, typeset(name), ` ${name.words}`));
  const granted = network.assumptions.map((assumption) => make("li", {}, `taken for granted: ${assumption}`));
  const equations = network.equations.map((equation) => typeset(equation));
  const origin = make("p", { className: "quiet" }, `from ${network.origin}`);
  at("network").lastElementChild.replaceChildren(origin, ...equations, make("ul", {}, ...names, ...granted));
}

// A formula typeset, or as it is written where the typesetter does not know all of it.
function typeset({ math, latex }, onclick = null) {
  return make("div", { className: "formula", onclick }, math ? tree(math) : make("code", {}, latex));
}

function tree([name, { style, ...attributes }, ...children]) {
  const element = document.createElementNS(MATHML, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  if (style) element.style.cssText = style;
  element.append(...children.map((child) => (Array.isArray(child) ? tree(child) : child)));
  return element;
}

function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children.filter(Boolean));
  return element;
}

// ---- the text and the places in it

// Moves the places by what was typed since; a formula that was typed in waits for its next verdict.
function follow() {
  const now = text.value;
  const most = Math.min(known.length, now.length);
  const by = now.length - known.length;
  let [same, rest] = [0, 0];
  while (same < most && known[same] === now[same]) same++;
  while (rest < most - same && known.at(-1 - rest) === now.at(-1 - rest)) rest++;
  for (const formula of formulas) {
    const moved = formula.start >= known.length - rest;
    formula.touched ||= !moved && formula.end > same;
    if (moved) formula.start += by;
    if (moved || formula.touched) formula.end = Math.max(formula.start, formula.end + by);
    formula.card.classList.toggle("touched", Boolean(formula.touched));
    for (const button of formula.card.querySelectorAll(".put")) button.disabled = formula.touched;
  }
  known = now;
  reflect();
}

// Behind the text stands the same text, unseen; in it formulas have a ground, and what is wrong is underlined.
function reflect() {
  const pieces = [];
  let done = 0;
  for (const formula of formulas.filter(({ verdict, touched }) => verdict && !touched)) {
    const { start, end, verdict, wrong } = formula;
    const places = wrong.length || verdict === "holds" ? wrong : [[0, end - start]];
    formula.trace = make("span", { className: verdict }, ...marked(known.slice(start, end), places));
    pieces.push(known.slice(done, start), formula.trace);
    done = end;
  }
  mirror.replaceChildren(...pieces, known.slice(done), "\n");
  mirror.scrollTop = text.scrollTop;
  here();
}

// Marks the formula in which the cursor is.
function here() {
  for (const { start, end, card, trace } of formulas) {
    const inside = start <= text.selectionStart && text.selectionStart <= end;
    const came = inside && !card.classList.contains("here");
    if (came && WIDE.matches && document.activeElement === text) card.scrollIntoView({ block: "nearest" });
    card.classList.toggle("here", inside);
    trace?.classList.toggle("here", inside);
  }
}

function select({ start, trace }, from, to) {
  text.focus();
  text.setSelectionRange(start + from, start + to);
  if (trace) text.scrollTop = trace.offsetTop - text.clientHeight / 3;
}

// Replaces a place by what is right there, as if it were typed: Ctrl-Z takes it back.
function putIn(formula, { place: [from, to], new: right }) {
  select(formula, from, to);
  if (!document.execCommand(right ? "insertText" : "delete", false, right)) {
    text.setRangeText(right);
    follow();
  }
  text.setSelectionRange(formula.start + from, formula.start + from + right.length);
  judge();
}

text.addEventListener("input", () => (follow(), later()));
text.addEventListener("scroll", () => (mirror.scrollTop = text.scrollTop));
document.addEventListener("selectionchange", here);
for (const id of ["model", "kind", "strict"]) at(id).addEventListener("change", judge);
addEventListener("beforeunload", (event) => text.value !== example && event.preventDefault());
judge();
