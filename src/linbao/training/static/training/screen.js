// The code on the wall: counts down, and asks for the next one; says so when the server cannot be reached.
const screen = document.querySelector("[data-screen]");
if (screen) {
  const shown = screen.querySelector("[data-left-shown]");
  const broken = screen.querySelector("[data-broken]");
  let left = Number(screen.dataset.left);
  let turn = 0;
  let asking = false;

  async function renew() {
    if (asking) return;
    asking = true;
    try {
      const answer = await fetch(screen.dataset.screen, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const now = await answer.json();
      if (!now.open) {
        location.reload();
        return;
      }
      screen.querySelector("[data-code]").innerHTML = now.svg; // our own server's drawing of our own address
      for (const name of ["asked", "there", "gone"]) screen.querySelector(`[data-${name}]`).textContent = now[name];
      left = now.left;
      broken.hidden = true;
    } catch {
      broken.hidden = false;
      left = 5;
    } finally {
      asking = false;
    }
  }

  setInterval(() => {
    left -= 1;
    turn += 1;
    if (left <= 0 || turn % 10 === 0) renew();
    shown.textContent = Math.max(left, 0);
  }, 1000);
}
