// Structure tabs, slice viewers and open details in print. The page is complete without it.
"use strict";

// A group of panels becomes tabs: arrow keys move, Home and End jump.
for (const group of document.querySelectorAll(".tabs")) {
  const panels = [...group.querySelectorAll(":scope > .panel")];
  if (panels.length < 2) continue;
  const list = document.createElement("div");
  list.className = "tablist";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", group.dataset.label);
  const tabs = panels.map((panel) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = panel.id + "-tab";
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    tab.textContent = panel.querySelector("h3").textContent;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    list.append(tab);
    return tab;
  });
  const show = (chosen) => {
    tabs.forEach((tab, place) => {
      tab.setAttribute("aria-selected", place === chosen);
      tab.tabIndex = place === chosen ? 0 : -1;
      panels[place].classList.toggle("off", place !== chosen);
    });
  };
  tabs.forEach((tab, place) => {
    tab.addEventListener("click", () => show(place));
    tab.addEventListener("keydown", (event) => {
      const next = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: -1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      const chosen = (next + tabs.length) % tabs.length;
      show(chosen);
      tabs[chosen].focus();
    });
  });
  group.prepend(list);
  show(0);
}

// A viewer shows one slice of its strip; clicking the picture gives its slider the keys and the wheel.
for (const viewer of document.querySelectorAll(".viewer")) {
  const stage = viewer.querySelector(".stage");
  const image = stage.querySelector("image");
  const slices = stage.querySelectorAll(".slice");
  const slider = viewer.querySelector("input");
  const output = viewer.querySelector("output");
  const indices = slider.dataset.indices.split(" ");
  const show = () => {
    const place = slider.value - 1;
    image.setAttribute("y", -stage.dataset.height * place);
    slices.forEach((slice, other) => slice.classList.toggle("on", other === place));
    output.textContent = indices[place] + " / " + slider.dataset.total;
    slider.setAttribute("aria-valuetext", "slice " + indices[place] + " of " + slider.dataset.total);
  };
  slider.addEventListener("input", show);
  stage.addEventListener("click", () => slider.focus());
  stage.addEventListener("wheel", (event) => {
    if (document.activeElement !== slider || event.deltaY === 0) return;
    event.preventDefault();
    if (event.deltaY < 0) slider.stepUp(); else slider.stepDown();
    show();
  }, { passive: false });
  show();
}

for (const box of document.querySelectorAll("input[data-hide]")) {
  const examples = box.closest(".examples");
  const apply = () => examples.classList.toggle("hide-" + box.dataset.hide, !box.checked);
  box.addEventListener("change", apply);
  apply();
}

// Paper has no triangle to click on; of the cases' numbers, those over all structures are enough.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open], .panel ~ .panel details)")];
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of closed) details.open = false;
});
