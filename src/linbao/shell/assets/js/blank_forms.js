// The empty report forms, kept on the phone so that they open without a network; those of one person only.
const FORMS = "linbao-forms",
  MARK = "linbao-forms-of",
  FRESH = 6 * 3600_000;
const PAGES = [
  "/report/urgent",
  "/report/urgent/write",
  "/report/new",
  ...["opinion", "event", "construction", "sanitation"].map((p) => `/report/new/${p}`),
].map((p) => p + "?offline");

const mark = () => {
  try {
    return JSON.parse(localStorage.getItem(MARK) ?? "{}") ?? {};
  } catch {
    return {};
  }
};

/** Forget them: the person leaves, or another one came. */
export async function forget() {
  localStorage.removeItem(MARK);
  await caches.delete(FORMS);
}

/** Fetch them again when they are of another person, build or language, or not fresh. @param {string} user */
export async function keep(user) {
  if (!("caches" in globalThis) || !navigator.serviceWorker) return;
  const build = document.querySelector('script[src*="/app-"]')?.getAttribute("src"),
    now = mark();
  if (now.user && now.user !== user) await forget();
  if (!document.querySelector('a[href="/report/new"]')) return;
  const same = { user, build, language: document.documentElement.lang };
  if (Object.entries(same).every(([k, v]) => now[k] === v) && Date.now() - now.at < FRESH) return;
  const wanted = new Set();
  const answers = await Promise.all(
    PAGES.map(async (address) => {
      const answer = await fetch(address, { headers: { "X-Linbao-User": user }, redirect: "error" });
      if (!answer.ok) throw new Error(address);
      for (const [, file] of (await answer.clone().text()).matchAll(/(?:src|href)="(\/static\/[^"#]+)"/g))
        wanted.add(file);
      return answer;
    }),
  );
  const cache = await caches.open(FORMS);
  await Promise.all(PAGES.map((address, i) => cache.put(address, answers[i])));
  await cache.addAll([...wanted]);
  localStorage.setItem(MARK, JSON.stringify({ ...same, at: Date.now() }));
}
