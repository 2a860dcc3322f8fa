// Small conveniences; every page works without them.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      // where the browser gives no clipboard, the text is at least selected
      getSelection().selectAllChildren(text);
      return;
    }
    button.textContent = button.dataset.done;
    document.querySelector("[data-copied]").textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// On a narrow screen the results come before the facets' folded list.
const narrow = matchMedia("(max-width: 48rem)");
for (const folded of document.querySelectorAll("[data-folds]")) {
  const fold = () => { folded.open = !narrow.matches; };
  fold();
  narrow.addEventListener("change", fold);
}

for (const select of document.querySelectorAll(".search-form select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

for (const map of document.querySelectorAll("[data-map]")) {
  const edges = map.querySelectorAll(".edge");
  for (const node of map.querySelectorAll("[data-node]")) {
    const look = () => {
      map.classList.add("looking");
      for (const edge of edges) {
        const out = edge.dataset.from === node.dataset.node;
        edge.classList.toggle("near", out || edge.dataset.to === node.dataset.node);
        edge.classList.toggle("out", out);
      }
    };
    const leave = () => {
      map.classList.remove("looking");
      for (const edge of edges) edge.classList.remove("near", "out");
    };
    node.addEventListener("mouseenter", look);
    node.addEventListener("focus", look);
    node.addEventListener("mouseleave", leave);
    node.addEventListener("blur", leave);
  }
}
