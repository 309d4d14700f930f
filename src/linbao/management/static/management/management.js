// The task form shows what belongs to the chosen rhythm; without this script it shows all, with a word to each.
const rhythm = document.getElementById("id_rhythm");
if (rhythm) {
  const once = document.querySelector("[data-once]");
  const again = document.querySelector("[data-again]");
  const field = (name) => document.querySelector(`[data-field="${name}"]`);
  const show = () => {
    once.hidden = rhythm.value !== "";
    again.hidden = rhythm.value === "";
    field("weekday").hidden = rhythm.value !== "weekly";
    field("monthday").hidden = rhythm.value !== "monthly";
  };
  rhythm.addEventListener("change", show);
  show();
}
// Choosing everybody makes the single names needless.
for (const id of ["id_whole_group", "id_everybody"]) {
  const all = document.getElementById(id);
  const people = document.querySelector(".mg-people");
  if (!all || !people) continue;
  const show = () => {
    people.hidden = all.checked;
  };
  all.addEventListener("change", show);
  show();
}
