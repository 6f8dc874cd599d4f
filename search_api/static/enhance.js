// Only makes the pages nicer; everything works without it.
"use strict";

const field = document.querySelector('.field input[name="q"]');

// "/" goes to the field; j and k walk through the hits.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && field) {
    event.preventDefault();
    field.focus();
    field.select();
  } else if (event.key === "j" || event.key === "k") {
    const links = [...document.querySelectorAll(".hits h3 a")];
    const now = links.indexOf(document.activeElement);
    const next = links[event.key === "j" ? now + 1 : Math.max(0, now - 1)];
    if (next) next.focus();
  }
});

// On result pages the field keeps its query but does not open a phone's keyboard.
if (field && field.autofocus && field.value && matchMedia("(max-width: 760px)").matches) field.blur();
