// Package sandbox simulates WeChat Pay on this machine. APIv3 has no official
// sandbox. This one is an [net/http.Handler] that checks requests as the
// platform does, keeps the states of orders, refunds, coupons, transfers, profit
// sharing, red packets and complaints, makes bills, and signs its answers. Any
// SDK in any language can use it once its base URL is changed.
//
// In a test, [Start] runs a sandbox and gives you a client for it:
//
//	sb := sandbox.Start(t)
//	resp, err := sb.Client().Chain("v3/pay/transactions/native").Post(ctx, …)
//	sb.Pay(sb.Merchant().MchID, outTradeNo) // as the user does
//
// APIv2 and APIv3 share their orders and refunds: you can query by one protocol
// what you asked for by the other. The notification of an order has the form of
// the protocol that placed it.
//
// If the sandbox has no rules for an operation, it checks the request and
// answers with an example that fits the documentation.
//
// # Payments
//
// A merchant, or a partner for one of [Config].SubMerchants, places orders by
// JSAPI, in apps, by H5 and by QR code, combined or not. Payments by code need
// nobody to play the user: an auth_code has 18 digits and starts with 10 to 15,
// and its last digits decide what happens.
//
//	…0001          USERPAYING: the user must enter his password, for a minute at most
//	…0002          AUTHCODEEXPIRE
//	…0003          NOT_ENOUGH
//	any other      paid at once; above 1000 yuan as with 0001
//	no such code   AUTH_CODE_INVALID
//
// # Bills
//
// The trade bill, the fund-flow bill and the bill of profit sharing of a day contain
// what happened in the sandbox on that day. They are ready at 10 o'clock of the next day, in Beijing;
// [Server.Advance] moves the clock there. The fee of a payment is 0.6 %, rounded
// to a fen. A refund returns the same part of the fee, rounded down. Each account
// starts with a million yuan, or with [Config].Balance. Transfers to users, red
// packets and prepaid coupons come from the account OPERATION; everything else is on
// BASIC. What an account does not have available cannot leave it: the answer is 403
// NOT_ENOUGH. [Server.SetBalance] fills and empties accounts.
//
// # Control
//
// You play the user and the network by the methods of a [Server], or from any
// language by the control API under /_sandbox/. Its requests are not signed, so
// whoever reaches the sandbox can use it. Pages that are open in a browser
// cannot: the Host of a request must be localhost, an IP address or one of
// [Config].AllowHosts. Bodies are JSON.
//
//	POST   /_sandbox/orders/{out_trade_no}/pay       takes {"bank_type": "ICBC_DEBIT",
//	                                                 "openid", "coupon_ids": […]} or nothing, for a
//	                                                 combined order "sub_order_coupon_ids",
//	                                                 answers {"transaction_id"}   Server.PayWith
//	POST   /_sandbox/orders/{out_trade_no}/fail                                   Server.FailPayment
//	POST   /_sandbox/orders/{out_trade_no}/expire                                 Server.Expire
//	POST   /_sandbox/orders/{out_trade_no}/complain  takes {"detail"}             Server.Complain
//	POST   /_sandbox/refunds/{out_refund_no}/settle  takes {"state": "ABNORMAL"}  Server.SettleRefund
//	POST   /_sandbox/transfers/{out_bill_no}/settle  takes {"state": "SUCCESS"}   Server.SettleTransfer
//	POST   /_sandbox/transfers/{out_bill_no}/fail    takes {"fail_reason"}        Server.FailTransfer
//	POST   /_sandbox/authorizations/{out_authorization_no}/confirm                Server.ConfirmAuthorization
//	POST   /_sandbox/authorizations/{out_authorization_no}/close
//	                                                 takes {"close_reason"}       Server.CloseAuthorization
//	POST   /_sandbox/users/{openid}/name             takes {"name"}               Server.NameUser
//	POST   /_sandbox/users/{openid}/fail             takes {"fail_reason"}        Server.FailUser
//	POST   /_sandbox/receivers/{account}/fail        takes {"fail_reason"}        Server.FailReceiver
//	PUT    /_sandbox/receivers/{mchid}/notify        takes {"url"}                Server.NotifySharing
//	POST   /_sandbox/coupons/{coupon_id}/use         takes {"transaction_id"}     Server.UseCoupon
//	POST   /_sandbox/redpackets/{mch_billno}/open    answers {"amount"}           Server.OpenRedPacket
//	GET    /_sandbox/balances/{account}              answers {"available_amount"} Server.Balance
//	PUT    /_sandbox/balances/{account}              takes {"available_amount"}   Server.SetBalance
//	POST   /_sandbox/merchants/{mchid}/certificates  answers {"serial_no",
//	                                                 "certificate", "private_key"} Server.IssueCertificate
//	DELETE /_sandbox/merchants/{mchid}/certificates/{serial_no}                   Server.RevokeCertificate
//	PUT    /_sandbox/merchants/{mchid}/apiv3-key     takes {"apiv3_key"}          Server.SetAPIv3Key
//	POST   /_sandbox/platform/certificates           answers {"serial_nos"}       Server.AnnounceCertificate
//	DELETE /_sandbox/platform/certificates                                        Server.RetireCertificates
//	PUT    /_sandbox/platform/share                  takes {"share": 0.1}         Server.ShiftKeys
//	PUT    /_sandbox/platform/key                    takes {"platform_key": "both"} Server.SetPlatformKey
//	GET    /_sandbox/clock                           answers {"now"}
//	POST   /_sandbox/clock                           takes {"advance": "15m"}     Server.Advance
//	GET    /_sandbox/orders                          answers {"orders", "next"}   Server.Records
//	GET    /_sandbox/refunds                         and coupons, transfers, sharings, redpackets,
//	                                                 combined, complaints, authorizations
//	GET    /_sandbox/orders/{out_trade_no}           an order with its history    Server.OrderStory
//	GET    /_sandbox/requests                        answers {"requests": […]}    Server.Requests
//	GET    /_sandbox/requests/{id}                   with headers, bodies, checks Server.Exchange
//	GET    /_sandbox/notifications                   answers {"notifications": …} Server.Notifications
//	GET    /_sandbox/notifications/{id}              with the body that is sent   Server.Notification
//	GET    /_sandbox/events                          server-sent: {"changed": […]} Server.Watch
//	POST   /_sandbox/notifications/{id}/resend                                    Server.Resend
//	GET    /_sandbox/faults                          answers {"faults": […]}      Server.FaultsLeft
//	PUT    /_sandbox/faults                          takes {"faults": […]}        Server.Faults
//	DELETE /_sandbox/faults                          no faults from now on
//	POST   /_sandbox/faults                          takes a fault, answers {"id"} Server.AddFault
//	DELETE /_sandbox/faults/{id}                                                  Server.RemoveFault
//	GET    /_sandbox/faults/met                      how many requests met each   Server.FaultsMet
//	GET    /_sandbox/images/{media_id}               an image; a media_url leads here
//	GET    /_sandbox/users/{openid}/wallet           answers {"coupons": […], …}    Server.Wallet
//	GET    /_sandbox/prepay/{prepay_id}              answers the order              Server.PrepaidOrder
//	GET    /_sandbox/orders/{out_trade_no}/cashier   answers the order              Server.OrderToPay
//	GET    /_sandbox/operations                      answers {"operations": […]}  openapi.Search with ?q=
//	POST   /_sandbox/calls                           takes a call, answers the request Server.Try
//	POST   /_sandbox/check/{front}                   takes the parameters           Server.CheckFront
//
// Lists are sorted from the newest to the oldest, and take in the query mchid, q (a
// part of a number), limit and before (the next of the page before). Without a
// query, requests and notifications are the latest thousand, oldest first.
//
// A fault is {"path": "v3/pay/transactions/*", "kind": "delay", "count": 2,
// "delay": "3s", "chance": 0.1}, or for a code of business {"path": "POST
// v3/refund/domestic/refunds", "code": "NOT_ENOUGH", "status": 403, "message": "…",
// "after": true}; see [Fault] and [FaultKind]. Orders, refunds and
// the like belong to the first merchant and its sub-merchants. Set mchid in the
// query for another merchant, a sub-merchant, or both as [Server.Pay] takes them.
// A combined order is found by its combine_out_trade_no. The status is 204 if
// there is nothing to answer, and 400 or 404, with a code and a message, if the
// action cannot be done.
package sandbox
