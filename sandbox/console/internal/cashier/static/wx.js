// wx.js: WeChat's bridge for a page in a desktop browser, from the sandbox.
//
// A page that includes it gets window.WeixinJSBridge, as in WeChat. Pages that use the
// bridge, or the JS-SDK with a MicroMessenger user agent, work unchanged. In any other
// browser it also gives wx.config, wx.chooseWXPay and the like, with the same results.
// Users pay in a window of the sandbox alone.
(function () {
  'use strict';
  var base = BASE;
  if (window.WeixinJSBridge && window.WeixinJSBridge.sandbox) return;
  var inWeChat = /MicroMessenger\//i.test(navigator.userAgent);
  var android = /android/i.test(navigator.userAgent);
  var natives = { chooseWXPay: 'getBrandWCPayRequest' };
  var known = ['getBrandWCPayRequest', 'requestMerchantTransfer', 'checkJsApi', 'preVerifyJSAPI', 'closeWindow', 'hideOptionMenu', 'showOptionMenu', 'getNetworkType'];
  var config = null; // {ok, list} once wx.config was called
  var count = 0;
  // A page from a file has no origin by which a message can name it.
  var origin = /^https?:\/\//.test(window.location.origin) ? window.location.origin : 'null';

  // check asks the sandbox what WeChat would say, and writes it to the console.
  function check(front, params, appID, done) {
    var query = appID ? '?appid=' + encodeURIComponent(appID) : '';
    fetch(base + '_sandbox/check/' + front + query, { method: 'POST', body: JSON.stringify(params), credentials: 'omit' })
      .then(function (response) { return response.json(); })
      .then(function (verdict) {
        (verdict.mistakes || []).forEach(function (m) {
          console.warn('[wx.js] ' + m.message.zh + ' / ' + m.message.en + (m.shown ? ' (微信显示：' + m.shown + ')' : ''));
        });
        done(verdict);
      }, function (error) {
        console.warn('[wx.js] ' + base + ': ' + error);
        done(null);
      });
  }

  // cashier opens the window of the sandbox. It answers ok, cancel or fail.
  function cashier(front, params, appID, done) {
    var id = String(++count);
    var url = base + 'cashier/window?front=' + front + '&params=' + encodeURIComponent(JSON.stringify(params === undefined ? null : params)) +
      '&appid=' + encodeURIComponent(appID || '') + '&origin=' + encodeURIComponent(origin) + '&id=' + id;
    var opened = null;
    var timer = 0;
    var closed = 0;

    function end(result, shown) {
      window.clearInterval(timer);
      window.removeEventListener('message', hear);
      done(result, shown);
    }

    function hear(event) {
      if (event.origin + '/' !== base || event.source !== opened || !event.data || event.data.wxpay !== id) return;
      end(event.data.result, event.data.shown);
    }

    function open() {
      opened = window.open(url, '_blank', 'popup,width=460,height=760');
      if (!opened) return false;
      timer = window.setInterval(function () {
        if (opened.closed && ++closed > 2) end('cancel', '');
      }, 250);
      return true;
    }

    window.addEventListener('message', hear);
    if (!open()) ask(open);
  }

  // ask shows a button where the browser opens a window only at a click.
  function ask(open) {
    var button = document.createElement('button');
    button.type = 'button';
    button.textContent = /^zh/i.test(navigator.language) ? '打开沙箱收银台' : 'Open the cashier of the sandbox';
    var style = { position: 'fixed', left: '50%', bottom: '2rem', transform: 'translateX(-50%)', zIndex: '2147483647', font: '600 18px sans-serif',
      padding: '14px 24px', border: '0', borderRadius: '8px', background: '#067a3e', color: '#fff', cursor: 'pointer' };
    Object.keys(style).forEach(function (name) { button.style[name] = style[name]; });
    button.addEventListener('click', function () { if (open()) button.remove(); });
    document.body.appendChild(button);
    button.focus();
  }

  // paid returns the answer of the bridge.
  function answer(name, result, shown) {
    var out = { err_msg: name + ':' + result };
    if (result === 'fail') {
      out.err_code = '-1';
      out.err_desc = shown || '';
    }
    return out;
  }

  function permitted(name, params) {
    if (!params || params.verifySignType === undefined) return '';
    if (config && !config.ok) return 'system:access_denied';
    if (config && config.list.indexOf(name) < 0) return name + ':fail, the permission value is offline verifying';
    return '';
  }

  var bridge = {
    getBrandWCPayRequest: function (params, done) {
      var refused = permitted('getBrandWCPayRequest', params);
      if (refused) return done({ err_msg: refused });
      check('jsapi', params, '', function () {});
      cashier('jsapi', params, '', function (result, shown) { done(answer('get_brand_wcpay_request', result, shown)); });
    },
    requestMerchantTransfer: function (params, done) {
      check('transfer', params, '', function () {});
      cashier('transfer', params, '', function (result, shown) { done(answer('requestMerchantTransfer', result, shown)); });
    },
    preVerifyJSAPI: function (params, done) {
      params = params || {};
      var list = params.verifyJsApiList;
      verify({ appId: params.appId, timestamp: params.verifyTimestamp, nonceStr: params.verifyNonceStr, signature: params.verifySignature, jsApiList: list },
        function (ok) { done({ err_msg: ok ? 'preVerifyJSAPI:ok' : 'preVerifyJSAPI:fail, invalid signature' }); });
    },
    checkJsApi: function (params, done) {
      var result = {};
      ((params && params.jsApiList) || []).forEach(function (name) { result[name] = known.indexOf(name) >= 0; });
      done({ err_msg: 'checkJsApi:ok', checkResult: android ? JSON.stringify(result) : result });
    },
    getNetworkType: function (params, done) { done({ err_msg: 'network_type:wifi' }); },
    closeWindow: function (params, done) { window.close(); done({ err_msg: 'close_window:ok' }); },
    hideOptionMenu: function (params, done) { done({ err_msg: 'hideOptionMenu:ok' }); },
    showOptionMenu: function (params, done) { done({ err_msg: 'showOptionMenu:ok' }); },
  };

  // verify checks the parameters of wx.config.
  function verify(params, done) {
    var all = { appId: params.appId, timestamp: params.timestamp, nonceStr: params.nonceStr, signature: params.signature, jsApiList: params.jsApiList, href: window.location.href };
    var list = (Array.isArray(params.jsApiList) ? params.jsApiList : []).map(function (name) { return natives[name] || name; });
    if (list.length === 0) {
      console.warn('[wx.js] jsApiList 为空，不能调用任何接口 / jsApiList names no function, so that none can be called');
    }
    check('config', all, '', function (verdict) {
      config = { ok: !!(verdict && verdict.ok), list: list };
      done(config.ok);
    });
  }

  window.WeixinJSBridge = {
    sandbox: true,
    invoke: function (name, params, callback) {
      var done = function (out) { if (typeof callback === 'function') callback(out); };
      if (!Object.prototype.hasOwnProperty.call(bridge, name)) {
        done({ err_msg: 'system:function_not_exist' });
        return;
      }
      bridge[name](params, done);
    },
    on: function () {},
    call: function (name) { this.invoke(name, {}); },
    log: function () {},
  };

  function isReady() {
    window.setTimeout(function () { document.dispatchEvent(new Event('WeixinJSBridgeReady')); }, 0);
  }
  if (document.readyState === 'loading') {
    document.addEventListener('DOMContentLoaded', isReady);
  } else {
    isReady();
  }
  if (inWeChat) return;

  // Without the agent, the JS-SDK does nothing: this takes its place.
  var settings = {};
  var configured = false;
  var ready = [];
  var failed = [];
  var state = 0; // 1: config is done
  var failure = null;

  function call(f, value) { if (typeof f === 'function') f(value); }

  // settle ends a call of the JS-SDK with its callbacks.
  function settle(options, name, result, extra) {
    var out = extra || {};
    out.errMsg = name + ':' + result;
    if (settings.debug) window.alert(JSON.stringify(out));
    if (result === 'ok') call(options.success, out);
    else if (result === 'cancel') call(options.cancel, out);
    else call(options.fail, out);
    call(options.complete, out);
  }

  // parameters returns what a call passed, without its callbacks.
  function parameters(options) {
    var out = {};
    Object.keys(options).forEach(function (name) { if (typeof options[name] !== 'function') out[name] = options[name]; });
    return out;
  }

  var wx = {
    config: function (options) {
      settings = options || {};
      configured = true;
      verify(settings, function (ok) {
        state = 1;
        if (!ok) {
          failure = { errMsg: 'config:fail, invalid signature' };
          failed.forEach(function (f) { call(f, failure); });
        }
        ready.splice(0).forEach(function (f) { call(f); });
      });
    },
    ready: function (f) { if (state) call(f); else ready.push(f); },
    error: function (f) { if (failure) call(f, failure); else failed.push(f); },
    checkJsApi: function (options) {
      var result = {};
      (options.jsApiList || []).forEach(function (name) { result[name] = known.indexOf(natives[name] || name) >= 0; });
      settle(options, 'checkJsApi', 'ok', { checkResult: result });
    },
    chooseWXPay: function (options) {
      if (!configured) {
        console.warn('[wx.js] 页面没有调用 wx.config / the page did not call wx.config');
        return settle(options, 'chooseWXPay', 'permission denied');
      }
      if (config && !config.ok) return settle(options, 'chooseWXPay', 'permission denied');
      if (config && config.list.indexOf('getBrandWCPayRequest') < 0) {
        return settle(options, 'chooseWXPay', 'fail, the permission value is offline verifying');
      }
      var params = parameters(options);
      check('choosewxpay', params, settings.appId, function () {});
      cashier('choosewxpay', params, settings.appId, function (result) { settle(options, 'chooseWXPay', result); });
    },
    requestPayment: function (options) {
      var params = parameters(options);
      check('miniprogram', params, '', function () {});
      cashier('miniprogram', params, '', function (result, shown) {
        if (result === 'cancel') result = 'fail cancel';
        settle(options, 'requestPayment', result, result === 'fail' ? { err_code: '-1', err_desc: shown } : {});
      });
    },
    requestMerchantTransfer: function (options) {
      var params = parameters(options);
      check('transfer', params, '', function () {});
      cashier('transfer', params, '', function (result) { settle(options, 'requestMerchantTransfer', result); });
    },
    invoke: function (name, params, callback) { window.WeixinJSBridge.invoke(name, params, callback); },
    on: function () {},
    getNetworkType: function (options) { settle(options, 'getNetworkType', 'ok', { networkType: 'wifi' }); },
    hideOptionMenu: function () {},
    showOptionMenu: function () {},
    closeWindow: function () { window.close(); },
  };
  // The JS-SDK that the page loads later does not replace it.
  Object.defineProperty(window, 'wx', { configurable: true, get: function () { return wx; }, set: function () {} });
})();
