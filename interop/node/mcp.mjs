// Connects to the MCP server whose command line is in the arguments, calls each of its
// tools, and prints what was answered, as JSON.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const [command, ...args] = process.argv.slice(2);
const transport = new StdioClientTransport({ command, args, stderr: 'inherit' });
const client = new Client({ name: 'interop', version: '1' });
await client.connect(transport);

const order = {
  appid: 'wx8888888888888888', mchid: '1900000109', description: '杯子', out_trade_no: 'mcp-node-0001',
  notify_url: 'https://www.example.com/notify', amount: { total: 100 },
};
const native = 'POST v3/pay/transactions/native';
const calls = {
  search_operations: { words: '扫码支付' },
  show_operation: { operation: native },
  validate_call: { operation: native, body: { ...order, amount: { total: '1' } } },
  make_types: { operations: [native] },
  write_code: { operation: native, language: 'go' },
  explain_error: { code: 'NOT_ENOUGH' },
  explain_sign_error: {
    method: 'GET', url: 'https://api.mch.weixin.qq.com/v3/certificates',
    authorization: 'WECHATPAY2-SHA256-RSA2048 mchid="1900000109",nonce_str="N",signature="AA==",timestamp="1554208460",serial_no="ABCDEF"',
  },
  call_sandbox: { operation: native, body: order },
  control_sandbox: { action: 'pay_order', number: order.out_trade_no },
  list_sandbox_requests: {},
  show_sandbox_request: () => ({ id: result.answers.list_sandbox_requests.structuredContent.requests[0].id }),
  list_sandbox_records: { kind: 'order' },
  list_sandbox_notifications: {},
};

const result = { server: client.getServerVersion(), tools: (await client.listTools()).tools.map((t) => t.name), answers: {} };
for (const [name, given] of Object.entries(calls)) {
  result.answers[name] = await client.callTool({ name, arguments: typeof given === 'function' ? given() : given });
}
result.bad = await client.callTool({ name: 'search_operations', arguments: { wrods: 1 } });
result.unknown = await client.callTool({ name: 'no_such_tool', arguments: {} }).then(() => 'answered', (error) => error.message);

// A request that is cancelled is given up, and the server goes on.
const cancel = new AbortController();
const cancelled = client.callTool({ name: 'search_operations', arguments: { words: '退款' } }, undefined, { signal: cancel.signal });
cancel.abort('not needed any more');
result.cancelled = await cancelled.then(() => 'answered', () => 'cancelled');
result.after = await client.callTool({ name: 'search_operations', arguments: { words: '退款' } });

await client.close();
console.log(JSON.stringify(result));
