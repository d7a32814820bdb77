// The window that wx.js opened: it tells the shop's page the result, and closes.

const main = document.querySelector('[data-window]');

function answer(result) {
  const { origin, shown } = main.dataset;
  if (window.opener && origin) {
    // A page without an origin cannot be named. The result is no secret: it proves nothing.
    window.opener.postMessage({ wxpay: main.dataset.window, result, shown: shown || '' }, origin === 'null' ? '*' : origin);
  }
  window.close();
}

if (main) {
  if (main.dataset.result) answer(main.dataset.result);
  document.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-answer]');
    if (button) answer(button.dataset.answer);
  });
}
