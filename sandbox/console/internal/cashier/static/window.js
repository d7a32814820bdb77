// The window that wx.js opened: it tells the shop's page the result, and closes.

const main = document.querySelector('[data-window]');

function answer(result) {
  if (window.opener) {
    window.opener.postMessage({ wxpay: main.dataset.window, result, shown: main.dataset.shown || '' }, main.dataset.origin);
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
