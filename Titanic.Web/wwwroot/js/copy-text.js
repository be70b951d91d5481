// Buttons that copy the value of a field or the text of an element. The page hides them, because they need this script.
(() => {
  async function copy(source) {
    const text = source.value ?? source.textContent;
    try {
      await navigator.clipboard.writeText(text);
      return "Copied.";
    } catch {
      // No permission or no secure context (HTTPS): selects the text, so that the user can copy it with the keyboard.
      if (source.select) source.select();
      else window.getSelection().selectAllChildren(source);
      return "Selected. Press Ctrl+C or ⌘C to copy.";
    }
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      document.querySelector(`[data-copy-status="${button.dataset.copy}"]`).textContent = await copy(document.getElementById(button.dataset.copy));
    });
  }
})();
