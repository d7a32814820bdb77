// What every page does beyond HTML: copy buttons, and "/" for the search.

for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false;
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-copy]');
  if (!button) return;
  const from = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(from.textContent);
  } catch {
    // Without a clipboard, the text is selected to be copied by hand.
    getSelection().selectAllChildren(from);
    return;
  }
  const was = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = was; }, 1500);
});

document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(input|textarea|select)$/i.test(document.activeElement.tagName)) return;
  const search = document.querySelector('input[type=search]');
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

// A file that is too large is refused before it is sent.
for (const input of document.querySelectorAll('input[type=file][data-most]')) {
  input.addEventListener('change', () => {
    const large = [...input.files].some((file) => file.size > Number(input.dataset.most));
    input.setCustomValidity(large ? input.dataset.tooLarge : '');
    if (large) input.reportValidity();
  });
}

// Regions that are marked data-live show what happens as it happens.
const live = [...document.querySelectorAll('[data-live]')];

// Whether somebody types or chooses in a region, which then stays as it is.
function busy(region) {
  const on = document.activeElement;
  return region.contains(on) && /^(input|textarea|select)$/i.test(on.tagName);
}

// The place of the focus in a region, to find it again.
function place(region) {
  const on = document.activeElement;
  if (!region.contains(on)) return -1;
  return [...region.querySelectorAll('a, button, [tabindex]')].indexOf(on);
}

let fetching = false;
let again = false;

async function refresh() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (!answer.ok) return;
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const region of live) {
      const made = next.getElementById(region.id);
      if (!made || busy(region) || made.innerHTML === region.innerHTML) continue;
      const known = new Set([...region.querySelectorAll('[data-key]')].map((row) => row.dataset.key));
      const focused = place(region);
      region.replaceChildren(...made.childNodes);
      for (const row of region.querySelectorAll('[data-key]')) {
        if (!known.has(row.dataset.key)) row.classList.add('new');
      }
      if (focused >= 0) region.querySelectorAll('a, button, [tabindex]')[focused]?.focus();
    }
  } catch {
    // The sandbox is gone, or restarts. The next event asks again.
  } finally {
    fetching = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

let events;

// A page that nobody sees does not listen: a browser opens six connections to a host at
// most, and each tab that listens takes one.
function listen() {
  if (events || document.hidden) return;
  events = new EventSource('/_sandbox/events');
  events.onmessage = refresh;
  events.onopen = refresh; // for what happened before it was open
}

function stop() {
  events?.close();
  events = undefined;
}

if (live.length > 0) {
  listen();
  document.addEventListener('visibilitychange', () => (document.hidden ? stop() : listen()));
  addEventListener('pagehide', stop);
  addEventListener('pageshow', listen);
}
