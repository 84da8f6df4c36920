"use strict";
(() => {
  const form = document.getElementById("tools");
  if (!form) return;
  const groups = document.getElementById("groups");
  const fields = form.elements;
  const severities = ["error", "warning", "note"];
  const entries = [];
  for (const group of groups.children) {
    const file = group.querySelector("h3 > span").textContent;
    for (const element of group.querySelectorAll("article")) {
      const { rule, surface, severity } = element.dataset;
      entries.push({ element, file, rule, surface, severity, text: "" });
    }
  }

  const heading = (name) => {
    const section = document.createElement("section");
    const title = document.createElement("h3");
    const label = document.createElement("span");
    section.className = "group";
    label.textContent = name;
    title.append(label, " ", document.createElement("small"));
    section.append(title);
    return section;
  };

  const regroup = () => {
    const by = fields.group.value;
    const sections = new Map();
    for (const entry of entries) {
      if (!sections.has(entry[by])) sections.set(entry[by], heading(entry[by]));
      sections.get(entry[by]).append(entry.element);
    }
    const names = [...sections.keys()];
    if (by === "severity") names.sort((a, b) => severities.indexOf(a) - severities.indexOf(b));
    else if (by !== "file") names.sort();
    groups.replaceChildren(...names.map((name) => sections.get(name)));
  };

  const filter = () => {
    const words = fields.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(severities.filter((name) => fields[name].checked));
    let shown = 0;
    for (const entry of entries) {
      if (words.length && !entry.text) entry.text = `${entry.file} ${entry.element.textContent}`.toLowerCase();
      const hit =
        wanted.has(entry.severity) &&
        (!fields.surface.value || entry.surface === fields.surface.value) &&
        (!fields.rule.value || entry.rule === fields.rule.value) &&
        words.every((word) => entry.text.includes(word));
      entry.element.hidden = !hit;
      shown += hit ? 1 : 0;
    }
    for (const group of groups.children) {
      const count = group.querySelectorAll("article:not([hidden])").length;
      group.hidden = count === 0;
      group.querySelector("h3 > small").textContent = count.toLocaleString("en");
    }
    const all = entries.length.toLocaleString("en");
    form.querySelector("output").textContent =
      shown === entries.length ? `Showing all ${all}.` : `Showing ${shown.toLocaleString("en")} of ${all}.`;
  };

  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target && target.hidden) {
      form.reset();
      regroup();
      filter();
      target.scrollIntoView();
    }
  };

  let waiting = 0;
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (event.target.name === "group") regroup();
      filter();
    }, event.target.name === "search" ? 120 : 0);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  form.hidden = false;
  form.reset();
  filter();
})();
