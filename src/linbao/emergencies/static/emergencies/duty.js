// The desk stays open: asks every few seconds, rings and blinks while an alarm waits for a signature.
const desk = document.querySelector("[data-desk]");
const title = document.title;
for (const choice of document.querySelectorAll("[data-submit]"))
  choice.addEventListener("change", () => choice.form.requestSubmit());
let waiting = Number(desk.dataset.waiting);
let newest = "";
let audio;

document.querySelector("[data-sound]").addEventListener("click", (event) => {
  audio = audio || new AudioContext();
  ring();
  event.currentTarget.hidden = true;
});

function ring() {
  if (!audio) return;
  for (const [start, pitch] of [
    [0, 880],
    [0.25, 660],
    [0.5, 880],
  ]) {
    const tone = audio.createOscillator();
    const loud = audio.createGain();
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0.25, audio.currentTime + start);
    loud.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + start + 0.24);
    tone.connect(loud).connect(audio.destination);
    tone.start(audio.currentTime + start);
    tone.stop(audio.currentTime + start + 0.25);
  }
}

setInterval(() => {
  document.title = waiting && !document.title.startsWith("●") ? `● ${waiting} ${desk.dataset.title}` : title;
}, 1000);

setInterval(async () => {
  try {
    const answer = await fetch(desk.dataset.desk, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const now = await answer.json();
    if (now.waiting) ring();
    const other = newest !== "" && now.newest !== newest;
    if (now.waiting > waiting || other) location.reload();
    waiting = now.waiting;
    newest = now.newest || newest;
  } catch {
    /* the network is away: the next turn asks again */
  }
}, 5000);
