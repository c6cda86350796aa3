// Formulas: typeset by MathJax from this site's own files when they come near the screen, copied by a button, and
// found by their links wherever they stand.
window.MathJax = {
  tex: { inlineMath: [["\\(", "\\)"]], displayMath: [["\\[", "\\]"]] },
  chtml: { matchFontHeight: true, mtextInheritFont: true },
  options: {
    ignoreHtmlClass: ".*",
    processHtmlClass: "arithmatex",
    menuOptions: { settings: { inTabOrder: false } }, // a page has dozens of formulas, and each has a button already
  },
  startup: {
    typeset: false, // what MathJax has for this typesets all that stands above, too, which takes seconds
    ready() {
      MathJax.startup.defaultReady();
      disableMissingMenuItems();
      document.querySelectorAll(".arithmatex").forEach(wait);
      reveal();
    },
  },
};

// The files behind these entries of MathJax's context menu are not shipped with the site.
function disableMissingMenuItems() {
  const menu = MathJax.startup.document.menu?.menu;
  for (const path of [["Settings", "Renderer"], ["Accessibility"], ["Language"]]) {
    menu?.findID(...path)?.disable();
  }
}

const NEAR = 400; // so many pixels beyond the screen
const waiting = new Set();
const observer = new IntersectionObserver(
  (entries) => typeset(entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target)),
  { rootMargin: `${NEAR}px` },
);

function wait(formula) {
  waiting.add(formula);
  formula.classList.add("waiting");
  observer.observe(formula);
}

function typeset(formulas) {
  const found = formulas.filter((formula) => waiting.delete(formula));
  MathJax.typeset(found);
  for (const formula of found) {
    formula.classList.remove("waiting");
    observer.unobserve(formula);
  }
}

function near(formula) {
  const { top, bottom } = formula.getBoundingClientRect();
  return bottom > -NEAR && top < innerHeight + NEAR && formula.checkVisibility();
}

// Typesets what is near, which moves what stands below, but leaves `part` where it is on the screen.
function settle(part) {
  const place = part.getBoundingClientRect().top;
  for (let found; (found = [...waiting].filter(near)).length; ) {
    typeset(found);
    scrollBy({ top: part.getBoundingClientRect().top - place, behavior: "instant" });
  }
}

// Goes to the target of the address, and opens what it is folded in or behind.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const page = target?.closest(".md-content");
  if (!page) return;
  for (let part = target; part !== page; part = part.parentElement) {
    if (part.matches("details")) part.open = true;
    if (part.matches(".tabbed-block")) document.getElementById(`tab-${part.id}`).click();
  }
  target.scrollIntoView();
  settle(target);
}

addEventListener("hashchange", reveal);
const PAPER = 600; // so many pixels are there for a formula on a page
addEventListener("beforeprint", () => {
  typeset([...waiting].filter((formula) => formula.checkVisibility()));
  for (const formula of document.querySelectorAll("mjx-container[display=true] > mjx-math")) {
    formula.closest(".arithmatex").style.setProperty("--shrink", Math.min(1, PAPER / formula.offsetWidth || 1));
  }
});

// A tab opens the like ones, too, and the last to tell of it is the one that was pressed.
let frame;
addEventListener("change", ({ target }) => {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => settle(target.closest(".tabbed-set") ?? target));
});

// A button on each formula that copies its LaTeX as it was generated.
function addCopyButton(figure) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "formula-copy";
  button.textContent = "Copy LaTeX";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(figure.dataset.latex);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy LaTeX"), 1500);
  });
  figure.querySelector(".formula-number").before(button);
}

document.addEventListener("DOMContentLoaded", () => {
  if (navigator.clipboard) {
    document.querySelectorAll("figure.formula[data-latex]").forEach(addCopyButton);
  }
});
