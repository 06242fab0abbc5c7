"use strict";
(() => {
  const form = document.getElementById("filters");
  const cases = [...document.querySelectorAll("details.case")].map((element) => ({
    element,
    id: element.querySelector(".body").id,
    text: [".id", ".rule", ".reason", ".message", ".pair"].map((part) => element.querySelector(part)?.textContent ?? "").join("\n").toLowerCase(),
    ...element.dataset,
  }));
  const squares = new Map([...document.querySelectorAll("a.q")].map((a) => [a.getAttribute("href").slice(1), a]));
  const outcomes = [...form.elements.outcome?.length ? form.elements.outcome : form.querySelectorAll("[name=outcome]")];
  const shown = document.getElementById("shown");

  // The fragment is "<ID of a case>?<filters>", each part optional.
  const read = () => {
    const [id, query = ""] = location.hash.slice(1).split("?");
    let name = id;
    try { name = decodeURIComponent(id); } catch { /* shown as it stands */ }
    return { id: name, query: new URLSearchParams(query), filtered: location.hash.includes("?") };
  };

  const query = () => {
    const q = new URLSearchParams();
    const chosen = outcomes.filter((o) => o.checked).map((o) => o.value);
    if (chosen.length < outcomes.length) q.set("outcome", chosen.join(" "));
    for (const name of ["level", "area", "text"]) {
      const value = form.elements[name].value.trim();
      if (value) q.set(name, value);
    }
    return q.toString();
  };

  const keep = (id) => {
    const q = query();
    const fragment = id + (q ? "?" + q : "");
    history.replaceState(null, "", fragment ? "#" + fragment : location.pathname + location.search);
  };

  const fill = (q) => {
    const chosen = q.get("outcome")?.split(" ");
    for (const o of outcomes) o.checked = !chosen || chosen.includes(o.value);
    for (const name of ["level", "area", "text"]) form.elements[name].value = q.get(name) ?? "";
  };

  const apply = () => {
    const chosen = new Set(outcomes.filter((o) => o.checked).map((o) => o.value));
    const { level, area, text } = form.elements;
    const wanted = text.value.trim().toLowerCase();
    let visible = 0;
    for (const c of cases) {
      const fits = chosen.has(c.outcome) && (!level.value || c.level === level.value) && (!area.value || c.area === area.value) && (!wanted || c.text.includes(wanted));
      c.element.hidden = !fits;
      squares.get(c.id)?.classList.toggle("away", !fits);
      if (fits) visible++;
    }
    for (const group of document.querySelectorAll(".group")) {
      group.hidden = !group.querySelector("details.case:not([hidden])");
      if (visible < cases.length && !group.hidden) group.open = true;
    }
    shown.textContent = visible === cases.length ? `All ${cases.length} cases` : `${visible} of ${cases.length} cases`;
  };

  const open = (id) => {
    const found = cases.find((c) => c.id === id);
    if (!found) return;
    if (found.element.hidden) {
      form.reset();
      apply();
      keep(id);
    }
    for (let at = found.element; at; at = at.parentElement?.closest("details")) at.open = true;
    found.element.scrollIntoView({ block: "start" });
  };

  const arrive = () => {
    const { id, query: q, filtered } = read();
    if (filtered) fill(q);
    else if (!id) form.reset();
    apply();
    open(id);
    if (id && !filtered && query()) keep(id);
  };

  form.addEventListener("input", () => { apply(); keep(""); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { apply(); keep(""); }));
  const fold = (value) => () => {
    for (const group of document.querySelectorAll(".group")) group.open = value;
    for (const c of cases) if (!c.element.hidden) c.element.open = value;
  };
  document.getElementById("unfold").addEventListener("click", fold(true));
  document.getElementById("fold").addEventListener("click", fold(false));
  addEventListener("hashchange", arrive);

  // Paper cannot be unfolded: every part of the page is printed, and what keeps the run from being conformant is open.
  const unfolded = [];
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details.fold, details.cause, details.group, details.case[data-gates]")) {
      if (part.open) continue;
      part.open = true;
      unfolded.push(part);
    }
  });
  addEventListener("afterprint", () => { for (const part of unfolded.splice(0)) part.open = false; });

  for (const command of navigator.clipboard ? document.querySelectorAll("pre.command") : []) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(command.querySelector("code").textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    command.classList.add("has-copy");
    command.append(button);
  }
  form.hidden = false;
  arrive();
})();
