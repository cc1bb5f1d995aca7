"use strict";
(() => {
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    const raw = cell.dataset.key ?? cell.textContent.trim();
    const number = raw === "" ? NaN : Number(raw);
    return Number.isNaN(number) ? raw : number;
  };
  const compare = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b));
  };
  const sortBy = (table, header, column) => {
    const down = header.getAttribute("aria-sort") === "descending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => [keyOf(row, column), row]);
    rows.sort(([a], [b]) => (a === "" || b === "" ? compare(a, b) : (down ? 1 : -1) * compare(a, b)));
    body.append(...rows.map(([, row]) => row));
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    Array.from(table.tHead.rows[0].cells).forEach((header, column) => {
      if (header.classList.contains("plot")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => sortBy(table, header, column));
    });
  }
  const place = document.querySelector("#filter");
  if (place !== null) {
    const label = document.createElement("label");
    label.textContent = "Show benchmarks and entrants named";
    const input = document.createElement("input");
    input.type = "search";
    label.append(input);
    place.append(label);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      for (const section of document.querySelectorAll("section.benchmark")) {
        const whole = section.dataset.name.toLowerCase().includes(wanted);
        let any = whole;
        for (const part of section.querySelectorAll("[data-entrant]")) {
          const hit = whole || part.dataset.entrant.toLowerCase().includes(wanted);
          part.hidden = !hit;
          any ||= hit;
        }
        section.hidden = !any;
      }
    });
  }
  const reveal = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const found = id === "" ? null : document.getElementById(id);
    for (let node = found; node !== null; node = node.parentElement) {
      if (node.tagName === "DETAILS") node.open = true;
    }
    if (found !== null) found.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
