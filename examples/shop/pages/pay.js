// The page asks WeChat to pay, and its own server whether the order is paid.
const button = document.getElementById('pay');
const state = document.getElementById('state');

if (button) {
  button.addEventListener('click', () => {
    const params = JSON.parse(button.dataset.params);
    WeixinJSBridge.invoke('getBrandWCPayRequest', params, (answer) => {
      document.getElementById('result').textContent = answer.err_msg;
    });
  });
}

async function poll() {
  const response = await fetch('/orders/' + state.dataset.order + '/state');
  if ((await response.json()).paid) {
    state.textContent = '已支付 Paid';
    return;
  }
  setTimeout(poll, 500);
}
poll();
