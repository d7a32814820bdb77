package interop

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// These actions find elements by a script each time. Those of chromedp follow the tree
// of a page, and may wait for ever if another page takes its place meanwhile.

// open opens an address. It does not wait until the page is loaded.
func open(address string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		_, _, failed, _, err := page.Navigate(address).Do(ctx)
		if err == nil && failed != "" {
			err = errors.New(failed)
		}
		return err
	})
}

// withElement is a script that evaluates an expression for an element, called e, as soon as
// it is there. A selector of CSS names the element, or a path of XPath.
func withElement(selector, expression string) string {
	find := fmt.Sprintf("document.querySelector(%q)", selector)
	if strings.HasPrefix(selector, "//") {
		find = fmt.Sprintf("document.evaluate(%q, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue", selector)
	}
	return fmt.Sprintf("((e) => e && (%s))(%s)", expression, find)
}

// await evaluates a script until its value is not null and is accepted. A script fails
// while one page takes the place of another.
func await[T any](ctx context.Context, script string, accept func(T) bool) (T, error) {
	for {
		var value *T
		err := chromedp.Evaluate(script, &value).Do(ctx)
		if err == nil && value != nil && accept(*value) {
			return *value, nil
		}
		select {
		case <-ctx.Done():
			var none T
			return none, fmt.Errorf("%w: %s: %v", ctx.Err(), script, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func anything[T any](T) bool { return true }

// A box is the place of an element on the screen.
type box struct{ X, Y, Width, Height float64 }

// boxOf waits until an element is visible, and keeps its place.
func boxOf(ctx context.Context, selector string) (box, error) {
	script := withElement(selector, `e.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'}),
		(({x, y, width, height}) => width && height ? {x, y, width, height} : null)(e.getClientRects()[0] ?? {})`)
	var last box
	return await(ctx, script, func(b box) bool {
		same := b == last
		last = b
		return same
	})
}

// visible waits until an element is visible.
func visible(selector string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := boxOf(ctx, selector)
		return err
	})
}

// click clicks at an element with the mouse.
func click(selector string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		b, err := boxOf(ctx, selector)
		if err != nil {
			return err
		}
		return chromedp.MouseClickXY(b.X+b.Width/2, b.Y+b.Height/2).Do(ctx)
	})
}

// focus moves the focus to an element.
func focus(selector string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := await(ctx, withElement(selector, "e.focus(), document.activeElement === e"), func(is bool) bool { return is })
		return err
	})
}

// value reads the text of a field.
func value(selector string, to *string) chromedp.Action { return readText(selector, "e.value", to) }

// text reads the text that an element shows.
func text(selector string, to *string) chromedp.Action { return readText(selector, "e.innerText", to) }

func readText(selector, expression string, to *string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) (err error) {
		*to, err = await(ctx, withElement(selector, expression), anything[string])
		return err
	})
}

// chooseFile chooses a file in a form.
func chooseFile(selector, file string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		if _, err := await(ctx, withElement(selector, "true"), anything[bool]); err != nil {
			return err
		}
		var input *runtime.RemoteObject
		if err := chromedp.Evaluate(withElement(selector, "e"), &input).Do(ctx); err != nil {
			return err
		}
		return dom.SetFileInputFiles([]string{file}).WithObjectID(input.ObjectID).Do(ctx)
	})
}
