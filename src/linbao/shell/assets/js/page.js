// What every script of a page needs: its texts, its person, its token, elements, and a question before something final.

/** Texts in the reader's language. @type {DOMStringMap} */
export const texts = document.getElementById("lb-words")?.dataset ?? {};

/** The person who is signed in, or "". */
export const signedIn = document.body.dataset.user ?? "";

/**
 * A text with its places filled.
 * @param {string | undefined} text with `{name}`
 * @param {Record<string, string | number>} values
 */
export const fill = (text, values) => (text ?? "").replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ""));

/** The token that forms and requests are sent with. */
export const token = () =>
  document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ??
  one("[name=csrfmiddlewaretoken]", HTMLInputElement)?.value ??
  "";

/**
 * The first element of a selector, if it is of this kind.
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} kind
 * @param {ParentNode} [root]
 * @returns {T | null}
 */
export function one(selector, kind, root = document) {
  const element = root.querySelector(selector);
  return element instanceof kind ? element : null;
}

/**
 * The first element of a selector, which the template promises.
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} kind
 * @param {ParentNode} [root]
 * @returns {T}
 */
export function need(selector, kind, root = document) {
  const element = one(selector, kind, root);
  if (!element) throw new Error(`no ${selector}`);
  return element;
}

/**
 * Ask before something final, in the page's own dialog.
 * @param {string} text
 * @param {() => void} act
 */
export function ask(text, act) {
  const dialog = need("#lb-confirm", HTMLDialogElement);
  need("[data-confirm-text]", HTMLElement, dialog).textContent = text;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && act(), { once: true });
  dialog.showModal();
}
