// Sends the chosen or dropped file as it is, so that its progress can be shown. Without scripts the form sends it, with the same result.
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
      if (kind === "drop" || !area.contains(event.relatedTarget)) area.classList.remove("drop-area-over"); // not between the box's own parts
    });
  }
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length === 1) {
      file.files = event.dataTransfer.files;
      tell("");
    } else {
      tell("Drop one file at a time.");
    }
  });

  file.addEventListener("change", () => tell(""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (file.files.length === 0) return tell("No file was chosen; choose a CSV file.");
    send(file.files[0], new FormData(form));
  });

  function send(content, fields) {
    const request = new XMLHttpRequest();
    request.open("POST", `${form.dataset.api}?source=upload&policy=${encodeURIComponent(fields.get("policy"))}`);
    request.setRequestHeader("Content-Type", "text/csv");
    request.setRequestHeader("X-CSRF-TOKEN", fields.get("__RequestVerificationToken"));
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) sent.value = event.loaded / event.total;
      step.textContent = `Sending: ${Math.round(100 * sent.value)} %`;
    });
    request.upload.addEventListener("load", () => {
      sent.removeAttribute("value"); // how long the checking takes is not known
      step.textContent = "Checking and storing";
    });
    request.addEventListener("load", () => done(request, fields.get("replayOf")));
    request.addEventListener("error", () => {
      busy(false);
      tell("The connection broke off. Nothing was stored unless it was complete; sending the file again is safe.");
    });
    tell("");
    busy(true);
    request.send(content);
  }

  function done(request, replayOf) {
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      // An answer that is not ours, from a proxy perhaps: its status has to do.
    }
    if (answer.runId) {
      location.assign(`${form.dataset.page}?run=${answer.runId}${replayOf ? `&replayOf=${encodeURIComponent(replayOf)}` : ""}`);
      return;
    }
    busy(false);
    tell(answer.detail ?? `The server answered ${request.status}; nothing was stored.`);
  }

  function busy(is) {
    progress.hidden = !is;
    button.disabled = is;
    sent.value = 0;
    step.textContent = "Sending";
  }

  function tell(sentence) {
    problem.textContent = sentence;
    file.classList.toggle("is-invalid", sentence !== "");
    if (sentence) {
      file.setAttribute("aria-invalid", "true");
      file.focus();
    } else {
      file.removeAttribute("aria-invalid");
    }
  }
})();
