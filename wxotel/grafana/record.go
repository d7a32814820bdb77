package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/resilience"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/wxotel"
)

// A record is what Prometheus would store of an exporter.
type record struct {
	times  []int64 // of the scrapes, in milliseconds
	series []*series
	byName map[string]*series
}

// A series has a value at each scrape from one on.
type series struct {
	Labels map[string]string `json:"labels"`
	From   int               `json:"from"`
	Values []float64         `json:"values"`
}

// scrapeEvery is the interval of the scrapes.
const scrapeEvery = 3 * time.Second

// scrape adds what the exporter has at a time.
func (r *record) scrape(now time.Time, from prometheus.Gatherer) error {
	families, err := from.Gather()
	if err != nil {
		return err
	}
	samples, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{}, families...)
	if err != nil {
		return err
	}
	r.times = append(r.times, now.UnixMilli())
	for _, s := range samples {
		r.add(s)
	}
	return nil
}

func (r *record) add(s *model.Sample) {
	if r.byName == nil {
		r.byName = make(map[string]*series)
	}
	name := s.Metric.String()
	one := r.byName[name]
	if one == nil {
		one = &series{Labels: make(map[string]string), From: len(r.times) - 1}
		for label, value := range s.Metric {
			one.Labels[string(label)] = string(value)
		}
		r.byName[name] = one
		r.series = append(r.series, one)
	}
	one.Values = append(one.Values, math.Round(float64(s.Value)*1e4)/1e4)
}

// write writes the times as the first line, and a series on each line, compressed.
func (r *record) write(file string) error {
	slices.SortFunc(r.series, func(a, b *series) int {
		x, _ := json.Marshal(a.Labels) // marshalling texts cannot fail
		y, _ := json.Marshal(b.Labels)
		return bytes.Compare(x, y)
	})
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	e := json.NewEncoder(z)
	err := e.Encode(r.times)
	for _, s := range r.series {
		err = errors.Join(err, e.Encode(s))
	}
	return errors.Join(err, z.Close(), os.WriteFile(file, b.Bytes(), 0o644))
}

func readRecord(file string) (*record, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	d := json.NewDecoder(z)
	var r record
	if err := d.Decode(&r.times); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for d.More() {
		s := new(series)
		if err := d.Decode(s); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		r.series = append(r.series, s)
	}
	return &r, nil
}

// A lab is a sandbox with faults, and a client of it whose metrics are exported.
type lab struct {
	server *sandbox.Server
	client *wechatpay.Client
	mchID  string
	prom   *prometheus.Registry

	http    *http.Server
	serving sync.WaitGroup
}

// A sandboxed transport sends every request to a sandbox, whatever its host.
type sandboxed struct{ addr string }

func (s sandboxed) RoundTrip(req *http.Request) (*http.Response, error) {
	inner := req.Clone(req.Context())
	inner.URL.Scheme, inner.URL.Host = "http", s.addr
	return http.DefaultTransport.RoundTrip(inner)
}

// newLab starts a sandbox.
func newLab() (*lab, error) {
	server, err := sandbox.New(sandbox.Config{})
	if err != nil {
		return nil, err
	}
	l := &lab{server: server, mchID: server.Merchant().MchID, prom: prometheus.NewRegistry()}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l.http = server.HTTPServer()
	l.serving.Go(func() { _ = l.http.Serve(listener) }) // until close
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(l.prom))
	if err != nil {
		return nil, err
	}
	config := server.ClientConfig()
	config.Transport = sandboxed{listener.Addr().String()}
	config.Middleware = middleware.Edits(
		wxotel.Instrument(wxotel.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter)))),
		resilience.Retry(resilience.Backoff(20*time.Millisecond, time.Second)),
		resilience.Failover("https://api2.mch.weixin.qq.com/", resilience.Rest(5*time.Second)),
	)
	l.client, err = wechatpay.New(config)
	return l, err
}

func (l *lab) close() {
	l.server.Close()
	_ = l.http.Close()
	l.serving.Wait()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

// shop places an order, pays, queries and refunds it, and refunds too much of some
// orders. Its calls may fail.
func (l *lab) shop(ctx context.Context, no string) {
	_, _ = l.client.V3().Pay().Transactions().Native().Post(ctx, wechatpay.JSON(wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": l.mchID, "description": "tea", "out_trade_no": no,
		"notify_url": "https://www.weixin.qq.com/wxpay/pay.php", "amount": wechatpay.M{"total": 100},
	}))
	_, _ = l.server.Pay(l.mchID, no)
	_, _ = l.client.V3().Pay().Transactions().OutTradeNo().OutTradeNo(no).Get(ctx, wechatpay.Query(wechatpay.M{"mchid": l.mchID}))
	refunds := []int{60}
	if strings.HasSuffix(no, "0") {
		refunds = []int{60, 60}
	}
	for _, fen := range refunds {
		_, _ = l.client.V3().Refund().Domestic().Refunds().Post(ctx, wechatpay.JSON(wechatpay.M{
			"out_trade_no": no, "out_refund_no": fmt.Sprintf("%s-%d", no, time.Now().UnixNano()),
			"amount": wechatpay.M{"refund": fen, "total": 100, "currency": "CNY"},
		}))
	}
}

// recordFile records a time with a calm beginning and end, and faults between them.
func recordFile(ctx context.Context, file string, d time.Duration) error {
	l, err := newLab()
	if err != nil {
		return err
	}
	defer l.close()
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var shops sync.WaitGroup
	defer shops.Wait()
	var r record
	scrapes, orders := time.NewTicker(scrapeEvery), time.NewTicker(250*time.Millisecond)
	defer scrapes.Stop()
	defer orders.Stop()
	bad := time.AfterFunc(d/3, func() { _ = l.server.Faults(faults()...) })
	defer bad.Stop()
	good := time.AfterFunc(2*d/3, func() { _ = l.server.Faults() })
	defer good.Stop()
	for n := 0; ; {
		select {
		case <-orders.C:
			n++
			shops.Go(func() { l.shop(context.WithoutCancel(ctx), fmt.Sprintf("tea-%05d", n)) })
		case now := <-scrapes.C:
			if err := r.scrape(now, l.prom); err != nil {
				return err
			}
		case <-ctx.Done():
			return r.write(file)
		}
	}
}

// faults make calls slow, and some of them fail.
func faults() []sandbox.Fault {
	return []sandbox.Fault{
		{Kind: sandbox.FaultUnavailable, Chance: 0.15},
		{Kind: sandbox.FaultTooMany, Chance: 0.1},
		{Kind: sandbox.FaultCut, Chance: 0.05},
		{Kind: sandbox.FaultError, Chance: 0.1},
		{Kind: sandbox.FaultDelay, Delay: 400 * time.Millisecond, Chance: 0.3},
	}
}
