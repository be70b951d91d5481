// Buttons that copy a field's value or an element's text. They are hidden in the page, since without scripts they could do nothing.
(() => {
  async function copy(source) {
    const text = source.value ?? source.textContent;
    try {
      await navigator.clipboard.writeText(text);
      return "Copied.";
    } catch {
      // No right, or no secure address: the text is selected, so that one key stroke copies it.
      if (source.select) source.select();
      else window.getSelection().selectAllChildren(source);
      return "It is selected; press Ctrl+C or ⌘C.";
    }
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      document.querySelector(`[data-copied="${button.dataset.copy}"]`).textContent = await copy(document.getElementById(button.dataset.copy));
    });
  }
})();
