// Previews the selected or dropped file, sends it as the request body and shows the upload progress. Without scripts the form has a button
// for the preview and uploads the file, with the same result.
(() => {
  const form = document.getElementById("upload");
  if (!form) return;
  const file = document.getElementById("file");
  const area = document.getElementById("drop-area");
  const problem = document.getElementById("upload-problem");
  const progress = document.getElementById("upload-progress");
  const sent = document.getElementById("sent");
  const step = document.getElementById("upload-step");
  const button = document.getElementById("send");

  document.getElementById("drop-hint").hidden = false;
  for (const kind of ["dragenter", "dragover"]) {
    area.addEventListener(kind, (event) => {
      event.preventDefault();
      area.classList.add("drop-area-over");
    });
  }
  for (const kind of ["dragleave", "drop"]) {
    area.addEventListener(kind, (event) => {
      // dragleave also fires when the pointer moves between children of the area.
      if (kind === "drop" || !area.contains(event.relatedTarget)) area.classList.remove("drop-area-over");
    });
  }
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length === 1) {
      file.files = event.dataTransfer.files;
      showPreview();
    } else {
      showProblem("Drop one file at a time.");
    }
  });

  const preview = document.getElementById("preview");
  const zipBytes = 16 * 1024 * 1024; // a zip file has its directory at the end, so a preview needs all of it
  let previewNumber = 0;
  document.getElementById("show-preview").hidden = true; // the preview follows every choice

  form.addEventListener("change", (event) => {
    if (event.target === file) showPreview();
    else if (event.target.matches("#encoding, #delimiter, #columns, #preview select")) showPreview(event.target.closest("#preview") !== null);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (file.files.length === 0) return showProblem("No file selected. Select a CSV file.");
    send(file.files[0], new FormData(form));
  });

  // The page renders the preview from the first bytes of the file; only the section is taken from it.
  async function showPreview(keepColumns = false) {
    const number = ++previewNumber;
    const selected = file.files[0];
    showProblem("");
    if (!selected || (/\.zip$/i.test(selected.name) && selected.size > zipBytes)) return preview.replaceChildren();
    const fields = new FormData(form);
    for (const name of [...fields.keys()]) {
      if (!keepColumns && name.startsWith("column-")) fields.delete(name);
    }
    const start = /\.zip$/i.test(selected.name) ? selected : selected.slice(0, Number(form.dataset.previewBytes));
    fields.set("file", start, selected.name);
    const focused = document.activeElement?.id;
    let page;
    try {
      const response = await fetch(form.dataset.preview, { method: "POST", body: fields });
      page = new DOMParser().parseFromString(await response.text(), "text/html");
    } catch {
      return; // The upload reports a connection that does not work.
    }
    if (number !== previewNumber) return;
    preview.replaceChildren(...(page.getElementById("preview")?.childNodes ?? []));
    showProblem(page.getElementById("upload-problem")?.textContent ?? "", false);
    if (focused && preview.contains(document.getElementById(focused))) document.getElementById(focused).focus();
  }

  // "pclass:Klasse,age:" from the selects of the preview, otherwise the text field.
  function columnsOf(fields) {
    const selected = [...fields].filter(([name]) => name.startsWith("column-"));
    if (selected.length === 0) return fields.get("columns") ?? "";
    return selected.map(([name, column]) => `${name.slice("column-".length)}:${column === "-" ? "" : column}`).join(",");
  }

  function send(content, fields) {
    const request = new XMLHttpRequest();
    const query = new URLSearchParams({ source: "upload", policy: fields.get("policy") });
    for (const [name, value] of [["encoding", fields.get("encoding")], ["delimiter", fields.get("delimiter")], ["columns", columnsOf(fields)], ["fileName", content.name.slice(-255)]]) {
      if (value) query.set(name, value);
    }
    request.open("POST", `${form.dataset.api}?${query}`);
    request.setRequestHeader("Content-Type", "text/csv");
    request.setRequestHeader("X-CSRF-TOKEN", fields.get("__RequestVerificationToken"));
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) sent.value = event.loaded / event.total;
      step.textContent = `Uploading: ${Math.round(100 * sent.value)}%`;
    });
    request.upload.addEventListener("load", () => {
      sent.removeAttribute("value"); // indeterminate, because the duration of validation is unknown
      step.textContent = "Validating and storing";
    });
    request.addEventListener("load", () => finish(request, fields.get("replayOf")));
    request.addEventListener("error", () => {
      setBusy(false);
      showProblem("The connection was interrupted. If the upload was incomplete, nothing was stored. You can safely upload the file again.");
    });
    showProblem("");
    setBusy(true);
    request.send(content);
  }

  function finish(request, replayOf) {
    let response = {};
    try {
      response = JSON.parse(request.responseText);
    } catch {
      // Not a response of this application, for example an error page of a proxy: only its status is shown.
    }
    if (response.runId) {
      location.assign(`${form.dataset.page}?run=${response.runId}${replayOf ? `&replayOf=${encodeURIComponent(replayOf)}` : ""}`);
      return;
    }
    setBusy(false);
    showProblem(response.detail ?? `The server returned status ${request.status}; nothing was stored.`);
  }

  function setBusy(isBusy) {
    progress.hidden = !isBusy;
    button.disabled = isBusy;
    sent.value = 0;
    step.textContent = "Uploading";
  }

  function showProblem(message, moveFocus = true) {
    problem.textContent = message;
    file.classList.toggle("is-invalid", message !== "");
    if (message) {
      file.setAttribute("aria-invalid", "true");
      if (moveFocus) file.focus();
    } else {
      file.removeAttribute("aria-invalid");
    }
  }
})();
