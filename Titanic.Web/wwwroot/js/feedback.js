// Submits the feedback form without leaving the page, and replaces it with the form of the response. Without scripts, or if the request
// fails, the browser submits the form and shows the page of the prediction.
(() => {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("#feedback form[data-in-place]")) return;
    event.preventDefault();
    const kind = event.submitter.value;
    const body = new URLSearchParams(new FormData(form));
    body.set("kind", kind);
    try {
      const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const updated = document.importNode(page.getElementById("feedback"), true);
      document.getElementById("feedback").replaceWith(updated);
      updated.querySelector("[role=alert], [role=status]").focus();
    } catch {
      const kindField = Object.assign(document.createElement("input"), { type: "hidden", name: "kind", value: kind });
      form.append(kindField);
      form.submit();
    }
  });
})();
