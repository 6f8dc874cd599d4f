// Only makes the pages nicer; everything works without it.
"use strict";

const field = document.querySelector('.field input[name="q"]');

// Ids of the hits that are marked, over all pages of results of this tab; forgotten once they are in a dossier.
const kept = () => {
  try {
    return JSON.parse(sessionStorage.getItem("marked") || "[]");
  } catch {
    return [];
  }
};
const keep = (ids) => {
  try {
    if (ids.length) sessionStorage.setItem("marked", JSON.stringify(ids.slice(-200)));
    else sessionStorage.removeItem("marked");
  } catch {
    // a browser that keeps nothing marks page by page
  }
};
if (location.pathname.startsWith("/dossiers/") && new URLSearchParams(location.search).has("added")) keep([]);

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

// On result pages a phone's keyboard stays closed.
if (field && field.autofocus && field.value && matchMedia("(max-width: 760px)").matches) field.blur();

// Suggestions while typing: a listbox under the field, by arrow keys or by hand.
if (field) {
  const kinds = { region: "地方", practice: "举措", word: "", title: "文章" };
  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "输入提示");
  list.hidden = true;
  field.form.append(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");

  let found = [];
  let at = -1;
  let timer = 0;
  let asked = 0;

  const close = () => {
    list.hidden = true;
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  const point = (index) => {
    at = index;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
    if (at < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", list.children[at].id);
  };

  const take = (index) => {
    const chosen = found[index];
    if (chosen.article) {
      location.href = "/articles/" + chosen.article;
      return;
    }
    field.value = chosen.query;
    close();
    field.form.requestSubmit();
  };

  const show = () => {
    list.replaceChildren(
      ...found.map((suggestion, i) => {
        const item = document.createElement("li");
        item.id = "suggestion-" + i;
        item.setAttribute("role", "option");
        item.append(suggestion.text);
        const kind = document.createElement("span");
        kind.className = "soft small";
        kind.textContent = kinds[suggestion.kind];
        item.append(kind);
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          take(i);
        });
        return item;
      })
    );
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    point(-1);
  };

  const ask = async () => {
    const typed = field.value.trim();
    const mine = ++asked;
    if (!typed || typed.length > 100) return close();
    try {
      const answer = await fetch("/api/v1/suggest?q=" + encodeURIComponent(typed));
      if (!answer.ok || mine !== asked || document.activeElement !== field) return;
      found = (await answer.json()).suggestions;
      show();
    } catch {
      close();
    }
  };

  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, 120);
  });
  field.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      point(((at + 1 + step + found.length + 1) % (found.length + 1)) - 1);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      take(at);
    } else if (event.key === "Escape") {
      close();
    }
  });
}

// Marked hits are counted, and all of a page may be marked at once. Marks of one page are kept for the next ones, as long as the tab is open.
const marked = document.getElementById("marked");
if (marked) {
  const boxes = [...marked.elements].filter((one) => one.type === "checkbox");
  let elsewhere = kept().filter((id) => !boxes.some((box) => box.value === id));
  boxes.forEach((box) => (box.checked = box.checked || kept().includes(box.value)));
  const go = marked.querySelector("button");
  const all = document.createElement("button");
  all.type = "button";
  all.className = "plainly";
  marked.insertBefore(all, go.nextSibling);
  const none = document.createElement("button");
  none.type = "button";
  none.className = "plainly";
  none.textContent = "清空";
  marked.insertBefore(none, all.nextSibling);
  const count = () => {
    const here = boxes.filter((box) => box.checked).map((box) => box.value);
    const chosen = here.length + elsewhere.length;
    go.textContent = chosen ? `处理选中的 ${chosen} 篇` : "处理选中的";
    all.textContent = here.length === boxes.length ? "这一页都不选" : "全选这一页";
    none.hidden = !elsewhere.length;
    marked.classList.toggle("some", chosen > 0);
    keep([...elsewhere, ...here]);
  };
  none.addEventListener("click", () => {
    elsewhere = [];
    boxes.forEach((box) => (box.checked = false));
    count();
  });
  marked.addEventListener("formdata", (event) => elsewhere.forEach((id) => event.formData.append("article", id)));
  all.addEventListener("click", () => {
    const every = boxes.every((box) => box.checked);
    boxes.forEach((box) => (box.checked = !every));
    count();
  });
  boxes.forEach((box) => box.addEventListener("change", count));
  window.addEventListener("pageshow", count);
  count();
}

// Words that are marked in an article may be quoted: a button stands under them.
const quoting = document.getElementById("quoting");
const body = document.querySelector(".article .text");
if (quoting && body) {
  document.addEventListener("selectionchange", () => {
    const chosen = getSelection();
    const range = chosen.rangeCount ? chosen.getRangeAt(0) : null;
    const words = range && body.contains(range.commonAncestorContainer) ? String(chosen).trim() : "";
    quoting.hidden = !words || words.length > 2000;
    if (quoting.hidden) return;
    const ahead = document.createRange();
    ahead.setStart(body, 0);
    ahead.setEnd(range.startContainer, range.startOffset);
    quoting.elements.text.value = words;
    quoting.elements.before.value = ahead.toString().slice(-60);
    const box = range.getBoundingClientRect();
    const left = Math.min(box.left + scrollX, document.documentElement.clientWidth - quoting.offsetWidth - 16);
    quoting.style.top = `${box.bottom + scrollY + 6}px`;
    quoting.style.left = `${Math.max(8, left)}px`;
  });
}
