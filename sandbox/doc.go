// Package sandbox is a WeChat Pay that runs on this machine, for there is none
// to test APIv3 against: an [net/http.Handler] that checks what it is sent as
// the platform does, keeps the states of orders, refunds, coupons, transfers,
// profit sharing, red packets and complaints, makes bills, and signs what it
// answers.
// Any SDK in any language talks to it once its base URL is changed.
//
// In a test, [Start] runs one, with a client for it:
//
//	sb := sandbox.Start(t)
//	resp, err := sb.Client().Chain("v3/pay/transactions/native").Post(ctx, …)
//	sb.Pay(sb.Merchant().MchID, outTradeNo) // as the user does
//
// APIv2 has the orders and refunds that APIv3 has: what one protocol asked for
// the other can query, and its merchant is told in the form of who asked.
//
// What the sandbox has no rules for yet, it answers with an example that fits
// the documentation, once the request is checked.
//
// # Payments
//
// Orders are placed by JSAPI, in apps, by H5 and by QR code, combined or not, by
// a merchant or by a partner for its sub-merchants, which are those of
// [Config].SubMerchants. A payment by code needs no user to play: the end of
// the auth_code, which has 18 digits and starts with 10 to 15, says what happens.
//
//	…0001          USERPAYING: the user must enter his password, for a minute at most
//	…0002          AUTHCODEEXPIRE
//	…0003          NOT_ENOUGH
//	any other      paid at once; above 1000 yuan as with 0001
//	no such code   AUTH_CODE_INVALID
//
// # Bills
//
// The trade bill and the fund-flow bill of a day tell what happened since the
// sandbox was made. They are there from 10 o'clock of the next day on, in
// Beijing; [Server.Advance] goes there at once. Of a payment a fee of 0.6 % is
// taken, rounded to a fen, and of that the part that is refunded given back,
// rounded down. Each account begins with a million yuan. Transfers to users and
// red packets are from OPERATION, all else is on BASIC.
//
// # Control
//
// Who runs a sandbox plays the user and the network by the methods of a
// [Server], or from any language by its control API under /_sandbox/. Nothing in
// it is signed: who reaches the sandbox reaches it, but a page that is open in a
// browser does not. The Host of a request must be localhost, an IP address or one
// of [Config].AllowHosts. Bodies are JSON.
//
//	POST   /_sandbox/orders/{out_trade_no}/pay       answers {"transaction_id"}   Server.Pay
//	POST   /_sandbox/orders/{out_trade_no}/fail                                   Server.FailPayment
//	POST   /_sandbox/orders/{out_trade_no}/expire                                 Server.Expire
//	POST   /_sandbox/orders/{out_trade_no}/complain  takes {"detail"}             Server.Complain
//	POST   /_sandbox/refunds/{out_refund_no}/settle  takes {"state": "ABNORMAL"}  Server.SettleRefund
//	POST   /_sandbox/transfers/{out_bill_no}/settle  takes {"state": "SUCCESS"}   Server.SettleTransfer
//	POST   /_sandbox/coupons/{coupon_id}/use         takes {"transaction_id"}     Server.UseCoupon
//	POST   /_sandbox/redpackets/{mch_billno}/open    answers {"amount"}           Server.OpenRedPacket
//	GET    /_sandbox/clock                           answers {"now"}
//	POST   /_sandbox/clock                           takes {"advance": "15m"}     Server.Advance
//	GET    /_sandbox/requests                        answers {"requests": […]}    Server.Requests
//	GET    /_sandbox/notifications                   answers {"notifications": …} Server.Notifications
//	POST   /_sandbox/notifications/{id}/resend                                    Server.Resend
//	GET    /_sandbox/faults                          answers {"faults": […]}      Server.FaultsLeft
//	PUT    /_sandbox/faults                          takes {"faults": […]}        Server.Faults
//	DELETE /_sandbox/faults                          no faults from now on
//	GET    /_sandbox/images/{media_id}               an image; a media_url leads here
//
// A fault is {"path": "v3/pay/transactions/*", "kind": "delay", "count": 2,
// "delay": "3s", "chance": 0.1}; see [Fault] and [FaultKind]. Orders and the
// like are those of the first merchant and its sub-merchants, unless the query
// has another mchid: of a merchant, of a sub-merchant, or of both as
// [Server.Pay] takes it. A combined order is reached by its
// combine_out_trade_no. What has nothing to tell is answered 204, and what
// cannot be done 400 or 404, with a code and a message.
package sandbox
