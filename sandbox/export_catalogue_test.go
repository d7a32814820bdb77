package sandbox

import (
	"github.com/wxchain/wechatpay/sandbox/internal/v2"
	"github.com/wxchain/wechatpay/sandbox/internal/v3"
)

// HasHandler reports whether a product answers an operation, and no example.
func HasHandler(operation string) bool { return v3.Handles(operation) || v2.Handles(operation) }
