#!/usr/bin/env bash
# What the tree costs whoever imports the library, beside a tree of the cash
# coupons alone, which the demo calls: seconds of go build ./... on two cores,
# and bytes of a program that makes one call. Exits with 1 past 8 s or 300 KB,
# and when the library carries the catalogue to those who did not ask for it.
#
# Package wechatpay is all that the tree makes slower, so that it and what
# imports it are built anew, and the rest, which takes the same either way and
# many times as long, comes from the cache.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOMAXPROCS=2 GOFLAGS=-mod=mod

copy() { # the module without its tests, and the examples, which call other entrances
	mkdir -p "$work/$1"
	git ls-files -z -- ':!*_test.go' ':!examples' | xargs -0 tar cf - | tar xf - -C "$work/$1"
}
copy full
copy small
go run ./internal/treegen -only v3/marketing/favor/ "$work/small"

build() { # hundredths of a second, the best of three
	local best=999999 from spent
	for try in 0 1 2 3; do
		echo "package wechatpay // $RANDOM$RANDOM" >"$work/$1/salt.go"
		from=$(date +%s%N)
		(cd "$work/$1" && go build -p 2 ./...)
		spent=$((($(date +%s%N) - from) / 10000000))
		# The first fills the cache.
		if [ "$try" -gt 0 ] && [ "$spent" -lt "$best" ]; then best=$spent; fi
	done
	echo "$best"
}

program() { # bytes of a program that makes one call
	mkdir -p "$work/full/cmd/one"
	cat >"$work/full/cmd/one/main.go" <<-GO
		package main

		import (
			"context"

			"github.com/wxchain/wechatpay"
		)

		func main() {
			client, err := wechatpay.New(wechatpay.Config{})
			if err == nil {
				_, err = client.$1.Post(context.Background(), wechatpay.Options{"openid": "o"})
			}
			println(err.Error())
		}
	GO
	(cd "$work/full" && go build -o "$work/one" ./cmd/one)
	stat -c %s "$work/one"
	rm -rf "$work/full/cmd/one"
}

if go list -deps . | grep -q '/wechatpay/openapi$'; then
	echo 'package wechatpay imports the catalogue, which only those who ask for it should carry'
	exit 1
fi
full=$(build full)
small=$(build small)
tree=$(program 'V3().Marketing().Favor().Users().Openid().Coupons()')
chain=$(program 'Chain("v3/marketing/favor/users/{openid}/coupons")')
seconds=$((full - small)) bytes=$((tree - chain))
printf 'go build ./...: %d.%02d s with the tree, %d.%02d s with the coupons alone\n' \
	$((full / 100)) $((full % 100)) $((small / 100)) $((small % 100))
printf 'a program of one call: %d bytes through the tree, %d through Chain, %d more\n' "$tree" "$chain" "$bytes"
[ "$seconds" -le 800 ] || { echo 'the tree takes more than 8 s to build'; exit 1; }
[ "$bytes" -le 300000 ] || { echo 'the tree makes a program more than 300 KB larger'; exit 1; }
