package wechatpay_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/wxchain/wechatpay"
)

// states has the orders that the platform of these examples knows.
var states = map[string]string{
	"1217752501201407033233368018": "SUCCESS",
	"1217752501201407033233368019": "NOTPAY",
}

// queryOrder stands for a call to the platform.
func queryOrder(_ context.Context, no string) (string, error) {
	state, ok := states[no]
	if !ok {
		return "", errors.New("no order " + no)
	}
	return state, nil
}

func queryOrderAsync(no string) *wechatpay.Promise[string] {
	return wechatpay.Go(context.Background(), func(ctx context.Context) (string, error) {
		return queryOrder(ctx, no)
	})
}

func ExampleGo() {
	p := wechatpay.Go(context.Background(), func(ctx context.Context) (string, error) {
		return queryOrder(ctx, "1217752501201407033233368018")
	})
	// The call is in progress. You can do other things here.
	state, err := p.Wait()
	fmt.Println(state, err)
	// Output: SUCCESS <nil>
}

func ExamplePromise_Then() {
	_, err := queryOrderAsync("1217752501201407033233368019").
		Then(func(state string) error {
			fmt.Println("the order is", state)
			if state != "SUCCESS" {
				return errors.New("not paid yet")
			}
			return nil
		}).
		Then(func(string) error {
			fmt.Println("not reached")
			return nil
		}).
		Wait()
	fmt.Println(err)
	// Output:
	// the order is NOTPAY
	// not paid yet
}

func ExamplePromise_Otherwise() {
	state, err := queryOrderAsync("1").
		Otherwise(func(err error) (string, error) {
			fmt.Println("recovers from:", err)
			return "UNKNOWN", nil
		}).
		Wait()
	fmt.Println(state, err)
	// Output:
	// recovers from: no order 1
	// UNKNOWN <nil>
}

func ExamplePromise_Finally() {
	for _, no := range []string{"1217752501201407033233368018", "1"} {
		state, err := queryOrderAsync(no).
			Finally(func() { fmt.Println("asked for", no) }).
			Wait()
		fmt.Printf("%q %v\n", state, err)
	}
	// Output:
	// asked for 1217752501201407033233368018
	// "SUCCESS" <nil>
	// asked for 1
	// "" no order 1
}

func ExamplePromise_Cancel() {
	p := wechatpay.Go(context.Background(), func(ctx context.Context) (string, error) {
		<-ctx.Done() // as a call does that takes long
		return "", ctx.Err()
	})
	p.Cancel()
	_, err := p.Wait()
	fmt.Println(err)
	// Output: context canceled
}

func ExampleMap() {
	paid := wechatpay.Map(queryOrderAsync("1217752501201407033233368018"),
		func(state string) (bool, error) { return state == "SUCCESS", nil })
	fmt.Println(paid.Wait())
	// Output: true <nil>
}

func ExampleAll() {
	all := wechatpay.All(
		queryOrderAsync("1217752501201407033233368018"),
		queryOrderAsync("1217752501201407033233368019"),
	)
	fmt.Println(all.Wait())

	_, err := wechatpay.All(queryOrderAsync("1217752501201407033233368018"), queryOrderAsync("1")).Wait()
	fmt.Println(err)
	// Output:
	// [SUCCESS NOTPAY] <nil>
	// no order 1
}

func ExampleSettle() {
	results, _ := wechatpay.Settle( // whose error is always nil
		queryOrderAsync("1217752501201407033233368018"),
		queryOrderAsync("1"),
	).Wait()
	for _, r := range results {
		fmt.Printf("%q %v\n", r.Value, r.Err)
	}
	// Output:
	// "SUCCESS" <nil>
	// "" no order 1
}

func ExamplePool() {
	numbers := slices.Values([]string{
		"1217752501201407033233368018",
		"1217752501201407033233368019",
		"1",
	})
	// At most two calls at a time; the outcomes come as the calls finish.
	for no, r := range wechatpay.Pool(context.Background(), 2, numbers, queryOrder) {
		if r.Err != nil {
			fmt.Println(no, "failed:", r.Err)
			continue
		}
		fmt.Println(no, r.Value)
	}
	// Unordered output:
	// 1217752501201407033233368018 SUCCESS
	// 1217752501201407033233368019 NOTPAY
	// 1 failed: no order 1
}

// A loop that breaks stops the pool, so the sequence may be endless.
func ExamplePool_endless() {
	days := func(yield func(int) bool) {
		defer fmt.Println("no more days are asked for")
		for day := 1; yield(day); day++ {
		}
	}
	bill := func(_ context.Context, day int) (int, error) {
		if day > 3 {
			return 0, errors.New("there is no bill yet")
		}
		return day * 100, nil
	}
	for day, r := range wechatpay.Pool(context.Background(), 1, days, bill) {
		if r.Err != nil {
			fmt.Printf("day %d: %v\n", day, r.Err)
			break
		}
		fmt.Printf("day %d: %d\n", day, r.Value)
	}
	// Output:
	// day 1: 100
	// day 2: 200
	// day 3: 300
	// day 4: there is no bill yet
	// no more days are asked for
}
