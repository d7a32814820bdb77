package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/wxchain/wechatpay/sandbox"
)

const (
	dashboardFile = "../grafana.json"
	recordedFile  = "record.jsonl.gz"
	pictureFile   = "../../docs/grafana.svg"
)

// exported returns the metrics that wxotel exports to Prometheus, each with its labels.
func exported(t *testing.T) map[string]map[string]bool {
	t.Helper()
	l, err := newLab()
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	l.shop(t.Context(), "calm-0")
	for i, fault := range []sandbox.Fault{{Kind: sandbox.FaultUnavailable, Count: 1}, {Kind: sandbox.FaultCut, Count: 1}, {Kind: sandbox.FaultTooMany, Count: 1}} {
		if err := l.server.Faults(fault); err != nil {
			t.Fatal(err)
		}
		l.shop(t.Context(), []string{"down-1", "cut-10", "often1"}[i])
	}
	var r record
	if err := r.scrape(time.Now(), l.prom); err != nil {
		t.Fatal(err)
	}
	return r.names()
}

// names returns the metrics of a record, each with its labels.
func (r *record) names() map[string]map[string]bool {
	all := make(map[string]map[string]bool)
	for _, s := range r.series {
		name := s.Labels["__name__"]
		if all[name] == nil {
			all[name] = make(map[string]bool)
		}
		for label := range s.Labels {
			all[name][label] = true
		}
	}
	return all
}

// wanted returns the metrics that a query reads, each with the labels that it uses.
func wanted(t *testing.T, query, legend string) map[string]map[string]bool {
	t.Helper()
	expr, err := parser.ParseExpr(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	all := make(map[string]map[string]bool)
	grouped := legendLabels(legend)
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.AggregateExpr:
			grouped = append(grouped, n.Grouping...)
		case *parser.VectorSelector:
			all[n.Name] = make(map[string]bool)
			for _, m := range n.LabelMatchers {
				all[n.Name][m.Name] = true
			}
		}
		return nil
	})
	for _, labels := range all {
		for _, label := range grouped {
			labels[label] = true
		}
	}
	return all
}

// Every metric and every label of the dashboard is one that wxotel exports through the
// Prometheus exporter of OpenTelemetry, and a panel shows each metric.
func TestDashboardQueriesWhatIsExported(t *testing.T) {
	d, err := readDashboard(dashboardFile)
	if err != nil {
		t.Fatal(err)
	}
	got, used := exported(t), make(map[string]bool)
	for where, queries := range d.wanted(t) {
		for _, want := range queries {
			for metric, labels := range want {
				used[metric] = true
				for label := range labels {
					if !got[metric][label] {
						t.Errorf("%s: %s has no label %s; it has %v, and the metrics are %v", where, metric, label,
							slices.Sorted(maps.Keys(got[metric])), slices.Sorted(maps.Keys(got)))
					}
				}
			}
		}
	}
	for metric := range got {
		base, isHistogram := strings.CutSuffix(metric, "_bucket")
		isShown := used[metric] || isHistogram && used[base+"_count"]
		if (isHistogram || strings.HasSuffix(metric, "_total")) && !isShown {
			t.Errorf("no panel shows %s", metric)
		}
	}
}

// wanted returns what the panels and the variables of a dashboard read.
func (d *dashboard) wanted(t *testing.T) map[string][]map[string]map[string]bool {
	t.Helper()
	all := make(map[string][]map[string]map[string]bool)
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			want := wanted(t, target.query(), target.Legend)
			if len(want) == 0 {
				t.Errorf("panel %s reads no metric", p.Title)
			}
			all["panel "+p.Title] = append(all["panel "+p.Title], want)
		}
	}
	for _, v := range d.Templating.List {
		if _, call, ok := strings.Cut(string(v.Query), "label_values("); ok {
			metric, label, _ := strings.Cut(call[:strings.IndexByte(call, ')')], ", ")
			all["variable "+v.Name] = append(all["variable "+v.Name], map[string]map[string]bool{metric: {label: true}})
		}
	}
	return all
}

// The record has the metrics and labels that wxotel exports now.
func TestRecordIsOfTheseMetrics(t *testing.T) {
	r, err := readRecord(recordedFile)
	if err != nil {
		t.Fatal(err)
	}
	recorded, now := r.names(), exported(t)
	for metric, labels := range now {
		for label := range labels {
			if !recorded[metric][label] {
				t.Errorf("the record has no %s by %s: go run . record record.jsonl.gz 150s", metric, label)
			}
		}
	}
}

// The picture shows the dashboard over the record, and every panel shows something.
func TestPictureIsOfTheRecord(t *testing.T) {
	drawn, err := picture(t.Context(), dashboardFile, recordedFile)
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile(pictureFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(drawn, committed) {
		t.Errorf("%s does not show %s over the record: go generate ./... in wxotel/grafana", pictureFile, dashboardFile)
	}
	decoder := xml.NewDecoder(bytes.NewReader(drawn))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	d, err := readDashboard(dashboardFile)
	if err != nil {
		t.Fatal(err)
	}
	r, err := readRecord(recordedFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range d.Panels {
		if lines, err := p.lines(t.Context(), r); err != nil || len(lines) == 0 {
			t.Errorf("panel %s has %d lines: %v", p.Title, len(lines), err)
		}
	}
}

// A short record can be made and drawn, as the documentation says.
func TestRecordAndDraw(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{{}, {"draw"}, {"record", dir + "/r", "soon"}, {"draw", dashboardFile, dir + "/none", dir + "/p"}, {"draw", dir, recordedFile, dir + "/p"}} {
		if err := run(context.Background(), args); err == nil {
			t.Errorf("%q is no error", args)
		}
	}
	if err := run(t.Context(), []string{"record", dir + "/record", "7s"}); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"draw", dashboardFile, dir + "/record", dir + "/picture"}); err != nil {
		t.Fatal(err)
	}
}
