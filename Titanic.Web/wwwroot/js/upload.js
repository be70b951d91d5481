// Sends the selected or dropped file as the request body and shows the upload progress. Without scripts the form uploads the file, with the
// same result.
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
      showProblem("");
    } else {
      showProblem("Drop one file at a time.");
    }
  });

  file.addEventListener("change", () => showProblem(""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (file.files.length === 0) return showProblem("No file selected. Select a CSV file.");
    send(file.files[0], new FormData(form));
  });

  function send(content, fields) {
    const request = new XMLHttpRequest();
    request.open("POST", `${form.dataset.api}?source=upload&policy=${encodeURIComponent(fields.get("policy"))}`);
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

  function showProblem(message) {
    problem.textContent = message;
    file.classList.toggle("is-invalid", message !== "");
    if (message) {
      file.setAttribute("aria-invalid", "true");
      file.focus();
    } else {
      file.removeAttribute("aria-invalid");
    }
  }
})();
