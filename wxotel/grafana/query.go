package main

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// Querier lets the engine of Prometheus read a record.
func (r *record) Querier(int64, int64) (storage.Querier, error) {
	return &storage.MockQuerier{SelectMockFunction: func(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
		return &set{list: r.match(matchers)}
	}}, nil
}

func (r *record) match(matchers []*labels.Matcher) (list []storage.Series) {
next:
	for _, s := range r.series {
		for _, m := range matchers {
			if !m.Matches(s.Labels[m.Name]) {
				continue next
			}
		}
		samples := make([]chunks.Sample, len(s.Values))
		for i, v := range s.Values {
			samples[i] = sample{r.times[s.From+i], v}
		}
		list = append(list, storage.NewListSeries(labels.FromMap(s.Labels), samples))
	}
	return list
}

// A set is what a query selects.
type set struct {
	list []storage.Series
	next int
}

func (s *set) Next() bool                        { s.next++; return s.next <= len(s.list) }
func (s *set) At() storage.Series                { return s.list[s.next-1] }
func (s *set) Err() error                        { return nil }
func (s *set) Warnings() annotations.Annotations { return nil }

// A sample is a value at a time.
type sample struct {
	at int64
	v  float64
}

func (s sample) T() int64                      { return s.at }
func (s sample) ST() int64                     { return 0 }
func (s sample) F() float64                    { return s.v }
func (s sample) H() *histogram.Histogram       { return nil }
func (s sample) FH() *histogram.FloatHistogram { return nil }
func (s sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s sample) Copy() chunks.Sample           { return s }

// query returns the series of an expression from the first scrape to the last.
func (r *record) query(ctx context.Context, expr string) (promql.Matrix, error) {
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: math.MaxInt, Timeout: time.Minute})
	defer engine.Close()
	from, to := time.UnixMilli(r.times[0]), time.UnixMilli(r.times[len(r.times)-1])
	q, err := engine.NewRangeQuery(ctx, r, nil, expr, from, to, scrapeEvery)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	m, err := q.Exec(ctx).Matrix()
	if err != nil {
		return nil, err
	}
	m = slices.Clone(m) // Close gives the points to other queries
	for i := range m {
		m[i].Floats = slices.Clone(m[i].Floats)
	}
	return m, nil
}
