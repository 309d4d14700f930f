// Files that go up while the form is still being filled in: a tile each, with its progress, and again where it failed.
import { fill, need, texts, token } from "./page.js";

/** @param {HTMLElement} box `.lb-upload` of the components */
function uploader(box) {
  const list = need("[data-thumbs]", HTMLElement, box);
  const template = need("template", HTMLTemplateElement, box);
  const state = need("[data-upload-words]", HTMLElement, box);
  let running = 0;
  let failed = 0;

  function show() {
    if (running) state.textContent = fill(texts.uploading, { n: running });
    else state.textContent = failed ? fill(texts.uploadFailed, { n: failed }) : (texts.uploaded ?? "");
  }

  /** @param {File} file @param {HTMLElement} tile @param {string} id the phone's, so that a second try is the same file */
  function send(file, tile, id) {
    const bar = need("progress", HTMLProgressElement, tile);
    const retry = need(".lb-thumb-retry", HTMLElement, tile);
    const request = new XMLHttpRequest();
    const data = new FormData();
    data.append("id", id);
    for (const name of ["item", "stage"]) {
      const value = box.dataset[name];
      if (value) data.append(name, value);
    }
    data.append(box.dataset.name ?? "", file);
    tile.dataset.state = "sending";
    retry.hidden = true;
    running += 1;
    request.upload.onprogress = (e) => {
      if (e.lengthComputable) bar.value = (100 * e.loaded) / e.total;
    };
    request.onloadend = () => {
      running -= 1;
      const ok = request.status >= 200 && request.status < 300;
      tile.dataset.state = ok ? "done" : "failed";
      if (!ok) {
        failed += 1;
        retry.hidden = false;
        retry.onclick = () => {
          failed -= 1;
          send(file, tile, id);
        };
      }
      show();
      if (request.status)
        try {
          const answer = JSON.parse(request.responseText);
          state.textContent = (ok ? answer.notice : answer.detail) || state.textContent;
        } catch {
          /* not JSON */
        }
    };
    request.open("POST", box.dataset.upload ?? "");
    request.setRequestHeader("X-CSRFToken", token());
    request.send(data);
    show();
  }

  /** @param {File} file */
  function add(file) {
    const fragment = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    const tile = /** @type {HTMLElement} */ (fragment.firstElementChild);
    const picture = need("img", HTMLImageElement, tile);
    const name = need(".lb-thumb-file", HTMLElement, tile);
    if (file.type.startsWith("image/")) picture.src = URL.createObjectURL(file);
    else {
      picture.remove();
      name.hidden = false;
      need("small", HTMLElement, name).textContent = file.name;
    }
    need(".lb-thumb-x", HTMLElement, tile).addEventListener("click", () => tile.remove());
    list.append(tile);
    send(file, tile, crypto.randomUUID());
  }

  const input = need("[data-files]", HTMLInputElement, box);
  input.addEventListener("change", () => {
    for (const file of input.files ?? []) add(file);
    input.value = "";
  });
  list.addEventListener("click", async (e) => {
    const button = e.target instanceof Element ? e.target.closest("[data-remove]") : null;
    if (!(button instanceof HTMLElement)) return;
    const answer = await fetch(button.dataset.remove ?? "", {
      method: "POST",
      headers: { "X-CSRFToken": token() },
    }).catch(() => null);
    if (answer?.ok) button.closest("li")?.remove();
    else state.textContent = texts.failed ?? "";
  });
}

/** Called once by every page. */
export function start() {
  document.querySelectorAll(".lb-upload[data-upload]").forEach((box) => uploader(/** @type {HTMLElement} */ (box)));
}
