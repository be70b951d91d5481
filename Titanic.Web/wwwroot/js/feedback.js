// Sends what a reader says of an answer without leaving the page, and puts the receipt's word on it in place. Without scripts, or when
// something is in the way, the form leads to the receipt, with the same result.
(() => {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("#feedback form[data-in-place]")) return;
    event.preventDefault();
    const kind = event.submitter.value;
    const body = new URLSearchParams(new FormData(form));
    body.set("kind", kind);
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const said = document.importNode(page.getElementById("feedback"), true);
      document.getElementById("feedback").replaceWith(said);
      said.querySelector("[role=alert], [role=status]").focus();
    } catch {
      const chosen = Object.assign(document.createElement("input"), { type: "hidden", name: "kind", value: kind });
      form.append(chosen);
      form.submit();
    }
  });
})();
