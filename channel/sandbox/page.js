// Follows what arrives: asks for news every two seconds and then swaps in the parts of the page that show it.
// What is being typed, and an e-mail that is open as HTML, stay as they are.
"use strict";
(() => {
  const parts = ["status", "addresses", "thread"];

  // swap puts a part in the place of an older one. What is scrolled and where the keyboard is stay as they are.
  function swap(old, part) {
    const top = old.scrollTop;
    const link = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
    old.replaceWith(part);
    part.scrollTop = top;
    if (link) part.querySelector(`a[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true });
  }

  async function follow() {
    const answer = await fetch("/api/messages?limit=1&after=" + document.body.dataset.last);
    const news = await answer.json();
    if (news.messages.length === 0) return;
    const text = await (await fetch(document.body.dataset.self)).text();
    const page = new DOMParser().parseFromString(text, "text/html");
    for (const id of parts) {
      const old = document.getElementById(id);
      if (id === "thread" && old.querySelector("details[open]")) continue;
      swap(old, document.adoptNode(page.getElementById(id)));
    }
    document.body.dataset.last = page.body.dataset.last;
  }

  setInterval(() => {
    if (!document.hidden) follow().catch(() => {}); // the sandbox is away: try again at the next turn
  }, 2000);

  const answer = document.querySelector(".answer textarea");
  answer?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    answer.form.requestSubmit();
  });
})();
