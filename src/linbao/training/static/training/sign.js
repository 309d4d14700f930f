// Whoever scanned wants to sign: the form goes off by itself, once; without scripts it is one tap.
const form = document.querySelector("[data-sign]");
if (form) form.requestSubmit();
