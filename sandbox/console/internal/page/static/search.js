// Shows what a search finds while somebody types. Without it, the form loads the page.

const form = document.querySelector('form[data-search]');
const input = form.querySelector('input[type=search]');
const regions = form.dataset.search.split(' ');

// Answers may come in another order than questions. Only the latest counts.
let latest = 0;
let timer;

async function search() {
  const mine = ++latest;
  const to = new URL(form.action);
  if (input.value.trim() !== '') to.searchParams.set(input.name, input.value);
  try {
    const answer = await fetch(to, { headers: { Accept: 'text/html' } });
    if (!answer.ok) return;
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (mine !== latest) return;
    for (const id of regions) {
      document.getElementById(id).replaceChildren(...next.getElementById(id).childNodes);
    }
    history.replaceState(null, '', to);
  } catch {
    // The sandbox is gone, or restarts. The form says so.
  }
}

input.addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(search, 120);
});
