// Orders, queries and orders by APIv2 at the sandbox that standard input tells
// of, and prints what was answered, as JSON.
const { readFileSync } = require('fs');
const { Wechatpay } = require('wechatpay-axios-plugin');

const told = JSON.parse(readFileSync(0, 'utf8'));
const wxpay = new Wechatpay({
  baseURL: told.url,
  mchid: told.mchid,
  serial: told.serial_no,
  privateKey: told.private_key,
  certs: { [told.public_key_id]: told.public_key },
  secret: told.apiv2_key,
});

async function main() {
  const order = await wxpay.v3.pay.transactions.native.post({
    appid: told.appid,
    mchid: told.mchid,
    description: '杯子',
    out_trade_no: told.out_trade_no,
    notify_url: 'https://www.example.com/notify',
    amount: { total: 100 },
  });
  const query = await wxpay.v3.pay.transactions.outTradeNo._out_trade_no_.get({
    out_trade_no: told.out_trade_no,
    params: { mchid: told.mchid },
  });
  const apiv2 = await wxpay.v2.pay.unifiedorder.post({
    appid: told.appid,
    mch_id: told.mchid,
    nonce_str: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS',
    body: '杯子',
    out_trade_no: told.out_trade_no + '-v2',
    total_fee: 100,
    spbill_create_ip: '127.0.0.1',
    notify_url: 'https://www.example.com/notify',
    trade_type: 'NATIVE',
  });
  console.log(JSON.stringify({ order: order.data, query: query.data, apiv2: apiv2.data }));
}

main().catch((error) => {
  console.error(error.message, error.response ? JSON.stringify(error.response.data) : '');
  process.exit(1);
});
