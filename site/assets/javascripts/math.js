// How formulas are typeset: MathJax from this site's own files, each formula when it comes into view.
window.MathJax = {
  loader: { load: ["ui/lazy"] }, // it also typesets all the rest before the page is printed
  tex: { inlineMath: [["\\(", "\\)"]], displayMath: [["\\[", "\\]"]] },
  chtml: { matchFontHeight: true, mtextInheritFont: true },
  options: {
    ignoreHtmlClass: ".*",
    processHtmlClass: "arithmatex",
    menuOptions: { settings: { inTabOrder: false } }, // a page has dozens of formulas, and each has a button already
  },
  startup: {
    ready() {
      MathJax.startup.defaultReady();
      disableMissingMenuItems();
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
  figure.querySelector("figcaption").append(button);
}

document.addEventListener("DOMContentLoaded", () => {
  if (navigator.clipboard) {
    document.querySelectorAll("figure.formula[data-latex]").forEach(addCopyButton);
  }
});
